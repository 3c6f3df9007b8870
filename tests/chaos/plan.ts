import type { Fault } from '../../emulators/index.ts'
import { SeededSource } from '../../src/generator/index.ts'

const SERVICES = ['pubsub', 'storage', 'bigquery'] as const
export type Service = (typeof SERVICES)[number]

/** What befalls the run, at a time in milliseconds after its start. */
export type Act = { readonly at: number } & (
  | { readonly kind: 'kill'; readonly which: number }
  | { readonly kind: 'drop connections'; readonly of: Service }
  | { readonly kind: 'outage'; readonly of: Service; readonly ms: number }
  | { readonly kind: 'leases expire' }
  /** `after`: they are acknowledged, but their pipeline does not hear of it. */
  | { readonly kind: 'acks are lost'; readonly when: 'before' | 'after'; readonly ms: number }
  | { readonly kind: 'make what is missing' }
)

export interface Plan {
  readonly acts: readonly Act[]
  /** How many pipelines run side by side. */
  readonly pipelines: number
  /** What is not there at first, until `make what is missing`. */
  readonly missing: 'nothing' | 'the bucket' | 'the tables'
  /** Whether the subscription promises exactly-once delivery: acks are confirmed, and a late one is refused. */
  readonly exactlyOnce: boolean
  /** Which part of all calls fails by itself. */
  readonly faultRate: number
}

/** While so many milliseconds pass, things go wrong; then they go well. */
export const STORM_MS = 5_000

/** The same seed makes the same plan. What it meets in the processes is theirs to decide. */
export function planOf(seed: number): Plan {
  const source = new SeededSource(seed)
  const at = () => source.integer(300, STORM_MS)
  const several = (most: number, make: () => Act) => Array.from({ length: source.integer(1, most) }, make)
  const missing = source.pick(['nothing', 'the bucket', 'the tables'] as const)
  const acts: Act[] = [
    ...several(4, () => ({ at: at(), kind: 'kill', which: source.integer(0, 1) })),
    ...several(3, () => ({ at: at(), kind: 'drop connections', of: source.pick(SERVICES) })),
    ...several(2, () => ({ at: at(), kind: 'outage', of: source.pick(SERVICES), ms: source.integer(100, 1_500) })),
    ...several(3, () => ({ at: at(), kind: 'leases expire' })),
    ...several(2, () => ({
      at: at(),
      kind: 'acks are lost',
      when: source.pick(['before', 'after'] as const),
      ms: source.integer(300, 1_500),
    })),
    ...(missing === 'nothing' ? [] : [{ at: at(), kind: 'make what is missing' } as const]),
  ]
  return {
    acts: acts.toSorted((a, b) => a.at - b.at),
    pipelines: source.integer(1, 2),
    missing,
    exactlyOnce: source.pick([true, false]),
    faultRate: source.pick([0, 0.01, 0.05]),
  }
}

const CODES = ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED', 'INTERNAL'] as const

/** Faults of single calls, by chance. */
export function faultsOf(seed: number, rate: number): () => Fault | undefined {
  const source = new SeededSource(seed)
  return () =>
    source.fraction() < rate ? { code: source.pick(CODES), when: source.pick(['before', 'after']) } : undefined
}
