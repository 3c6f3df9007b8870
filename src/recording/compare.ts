import { isDeepStrictEqual } from 'node:util'
import type { CanonicalOutputs } from './canonical.ts'

/** One way in which the outputs are not what the fixture expects. */
export interface Difference {
  /** `orders`, `dead_letters`, `raw` … */
  readonly file: string
  readonly event_id: string
  readonly kind: 'missing' | 'unexpected' | 'different'
  /** Where the two differ, when both are there: `items[0].price`. */
  readonly path?: string
  readonly expected?: unknown
  readonly actual?: unknown
}

/** All differences; none means that the outputs are as expected. Entries are matched by their event_id. */
export function compareOutputs(expected: CanonicalOutputs, actual: CanonicalOutputs): Difference[] {
  const files = [...new Set([...expected.keys(), ...actual.keys()])].sort()
  return files.flatMap((file) => compareFile(file, expected.get(file) ?? [], actual.get(file) ?? []))
}

type Entry = Record<string, unknown>

function compareFile(file: string, expected: readonly Entry[], actual: readonly Entry[]): Difference[] {
  const [wanted, found] = [Map.groupBy(expected, idOf), Map.groupBy(actual, idOf)]
  return [...new Set([...wanted.keys(), ...found.keys()])].sort().flatMap((event_id) => {
    const [left, right] = [wanted.get(event_id) ?? [], found.get(event_id) ?? []]
    return Array.from({ length: Math.max(left.length, right.length) }, (_, i): Difference[] => {
      if (right[i] === undefined) return [{ file, event_id, kind: 'missing', expected: left[i] }]
      if (left[i] === undefined) return [{ file, event_id, kind: 'unexpected', actual: right[i] }]
      return [...fieldDifferences(left[i], right[i], '')].map((d) => ({ file, event_id, kind: 'different', ...d }))
    }).flat()
  })
}

/** A row has its event_id at the top, a raw line in `_meta`. */
function idOf(entry: Entry): string {
  const line = entry.line as { _meta?: { event_id?: string } } | undefined
  return String(entry.event_id ?? line?._meta?.event_id ?? '')
}

function* fieldDifferences(
  expected: unknown,
  actual: unknown,
  path: string,
): Generator<{ path: string; expected: unknown; actual: unknown }> {
  if (isDeepStrictEqual(expected, actual)) return
  if (!isContainer(expected) || !isContainer(actual) || Array.isArray(expected) !== Array.isArray(actual)) {
    yield { path, expected, actual }
    return
  }
  const steps = new Set([...Object.keys(expected), ...Object.keys(actual)])
  for (const step of steps) {
    const next = Array.isArray(expected) ? `${path}[${step}]` : `${path}${path && '.'}${step}`
    yield* fieldDifferences(expected[step], actual[step], next)
  }
}

const isContainer = (value: unknown): value is Entry => typeof value === 'object' && value !== null
