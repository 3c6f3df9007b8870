import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** One figure of a run. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** As a multiple of what the floor has, which does not depend on how fast the machine is. Absent where nothing of the
   * floor compares with it. */
  readonly toFloor?: number
}

/** What a run is held against: another run's figures, as multiples of its own floor. */
interface Baseline {
  readonly machine?: string
  readonly toFloor: Readonly<Record<string, number>>
}

const FILE = join(import.meta.dirname, '../baselines/pipeline.json')

export const readBaseline = (): Baseline =>
  existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Baseline) : { toFloor: {} }

export function writeBaseline(machine: string, figures: readonly Figure[]): void {
  const entries = figures.flatMap(({ name, toFloor }) => (toFloor === undefined ? [] : [[name, rounded(toFloor)]]))
  const baseline: Baseline = { machine, toFloor: Object.fromEntries(entries) }
  mkdirSync(dirname(FILE), { recursive: true })
  writeFileSync(FILE, `${JSON.stringify(baseline, null, 2)}\n`)
}

const rounded = (value: number) => Number(value.toPrecision(4))
