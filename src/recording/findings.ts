import { isDeepStrictEqual } from 'node:util'
import { changeOf } from './change.ts'

/** One way in which outputs are not as expected, however many events it meets. */
export interface Finding {
  readonly kind: 'missing' | 'extra' | 'repeated' | 'different' | 'swapped' | 'unreadable'
  /** What differs, `items[].price`, and of what is swapped both; empty where whole rows or lines are meant. */
  readonly path: string
  /** How many rows or lines, by file (`tables/orders`, `raw/order`). */
  readonly counts: Readonly<Record<string, number>>
  readonly count: number
  /** What has happened to every value alike, if there is such a thing: `+1 h`, `is gone`. */
  readonly change?: string
  /** The first of them. */
  readonly examples: readonly Example[]
}

export interface Example {
  readonly file: string
  readonly event_id: string
  /** `items[0].price` */
  readonly path: string
  readonly expected?: unknown
  readonly actual?: unknown
}

/** Kept of each finding; whoever shows them takes fewer. */
const EXAMPLES = 20
/** Events with fields of ever new names could be without end; those beyond are counted together. */
const MOST_FINDINGS = 200

/** How many rows or lines each file was expected to have, and has. */
export type Totals = Readonly<Record<string, { readonly expected: number; readonly actual: number }>>

type Json = Readonly<Record<string, unknown>>
type Mutable = { -readonly [Key in keyof Finding]: Finding[Key] } & {
  counts: Record<string, number>
  examples: Example[]
}

/** Gathers differences, so that a fault which meets every event is told once. */
export class Findings {
  readonly #found = new Map<string, Mutable>()
  readonly #totals: Record<string, { expected: number; actual: number }> = {}

  same(file: string): void {
    this.#count(file, 1, 1)
  }

  missing(file: string, line: string): void {
    this.#count(file, 1, 0)
    this.#whole('missing', file, { expected: JSON.parse(line) })
  }

  /** Of an event that nothing is expected of in this file, or half a line, which is of none. */
  extra(file: string, line: string): void {
    this.#count(file, 0, 1)
    const actual = JSON.parse(line) as Json
    this.#whole('unreadable' in actual ? 'unreadable' : 'extra', file, { actual })
  }

  /** Once more than expected. */
  repeated(file: string, line: string): void {
    this.#count(file, 0, 1)
    this.#whole('repeated', file, { actual: JSON.parse(line) })
  }

  different(file: string, expectedLine: string, actualLine: string): void {
    this.#count(file, 1, 1)
    const [expected, actual]: [Json, Json] = [JSON.parse(expectedLine), JSON.parse(actualLine)]
    const event_id = String(expected.event_id)
    const differences = [...fieldDifferences(expected, actual, '')]
    const swaps = differences.flatMap((a, i) =>
      differences.slice(i + 1).flatMap((b) => (areSwapped(a, b) ? [[a, b]] : [])),
    )
    for (const [a, b] of swaps) {
      const paths = [a!.path, b!.path]
      const group = paths.map(withoutIndexes).join(' and ')
      const values = { expected: [a!.expected, b!.expected], actual: [a!.actual, b!.actual] }
      this.#note('swapped', group, { file, event_id, path: paths.join(' and '), ...values })
    }
    const inSwaps = new Set(swaps.flat())
    const noted = new Set<string>()
    for (const difference of differences) {
      if (inSwaps.has(difference)) continue
      const path = withoutIndexes(difference.path)
      this.#note('different', path, { file, event_id, ...difference }, noted.has(path))
      noted.add(path)
    }
  }

  /** The ones that meet most first. */
  get all(): readonly Finding[] {
    return [...this.#found.values()].sort((a, b) => b.count - a.count)
  }

  get isEmpty(): boolean {
    return this.#found.size === 0
  }

  get totals(): Totals {
    return this.#totals
  }

  #count(file: string, expected: number, actual: number): void {
    const total = this.#totals[file] ?? { expected: 0, actual: 0 }
    this.#totals[file] = { expected: total.expected + expected, actual: total.actual + actual }
  }

  #whole(kind: Finding['kind'], file: string, values: { expected?: Json; actual?: Json }): void {
    const event_id = String((values.expected ?? values.actual)?.event_id)
    this.#note(kind, '', { file, event_id, path: '', ...values })
  }

  /** `again`: the row or line has been counted for another of its items. */
  #note(kind: Finding['kind'], path: string, example: Example, again = false): void {
    // A row and a raw line of one event may fail each for its own reason.
    const place = example.file.split('/')[0]!
    const key = this.#found.size < MOST_FINDINGS ? `${kind} ${place} ${path}` : `${kind} ${place}`
    const change = kind === 'different' ? changeOf(example.expected, example.actual) : undefined
    const known = this.#found.get(key)
    const finding = known ?? { kind, path, counts: {}, count: 0, examples: [], ...(change && { change }) }
    if (!known) this.#found.set(key, finding)
    if (finding.change !== change) delete finding.change
    if (again) return
    finding.count++
    finding.counts[example.file] = (finding.counts[example.file] ?? 0) + 1
    if (finding.examples.length < EXAMPLES) finding.examples.push(example)
  }
}

interface FieldDifference {
  readonly path: string
  readonly expected?: unknown
  readonly actual?: unknown
}

function* fieldDifferences(expected: unknown, actual: unknown, path: string): Generator<FieldDifference> {
  if (isDeepStrictEqual(expected, actual)) return
  if (!isContainer(expected) || !isContainer(actual) || Array.isArray(expected) !== Array.isArray(actual)) {
    yield { path, expected, actual }
    return
  }
  for (const step of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const next = Array.isArray(expected) ? `${path}[${step}]` : `${path}${path && '.'}${step}`
    yield* fieldDifferences(expected[step], actual[step], next)
  }
}

const isContainer = (value: unknown): value is Json => typeof value === 'object' && value !== null

const withoutIndexes = (path: string) => path.replaceAll(/\[\d+\]/g, '[]')

const areSwapped = (a: FieldDifference, b: FieldDifference) =>
  a.expected !== undefined &&
  b.expected !== undefined &&
  isDeepStrictEqual(a.expected, b.actual) &&
  isDeepStrictEqual(b.expected, a.actual)
