import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clients } from '../clients.ts'
import { collectOutputs, type Part } from '../outputs/index.ts'
import {
  canonicalOutputs,
  type LinesByFile,
  type RunFacts,
  readLines,
  unshift,
  writeLines,
} from '../recording/index.ts'
import type { Settings } from '../settings.ts'

/** A run that is over, and where its outputs are to be kept. */
export interface Run {
  readonly settings: Settings
  readonly facts: Omit<RunFacts, 'unshift'>
  /** How far event times were moved. */
  readonly shiftMs: number
  /** For what is collected, as it stands. */
  readonly folder: string
  readonly temporary: string
}

/** Collects what the pipeline wrote, and gives it the form of `expected/`. */
export async function gather(
  { settings, facts, shiftMs, folder, temporary }: Run,
  clients: Clients,
  only?: Part,
): Promise<LinesByFile> {
  const part = only && { only }
  await collectOutputs({ clients, settings, folder, ...part })
  const inFull: RunFacts = { ...facts, ...(shiftMs !== 0 && { unshift: unshift(shiftMs) }) }
  return await canonicalOutputs({ folder, temporary, facts: inFull, ...part })
}

/** The rows alone, left in files for another thread, whose names it tells. */
export async function gatherRows(run: Run, clients: Clients): Promise<string[]> {
  const rows = await gather(run, clients, 'tables')
  for (const [name, lines] of rows) {
    const file = fileOf(run, name)
    await mkdir(dirname(file), { recursive: true })
    await writeLines(file, lines)
  }
  return [...rows.keys()]
}

export const gatheredRows = (run: Run, names: readonly string[]): LinesByFile =>
  new Map(names.map((name) => [name, readLines(fileOf(run, name))]))

const fileOf = ({ temporary }: Run, name: string) => join(temporary, 'canonical', `${name}.ndjson`)
