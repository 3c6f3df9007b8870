import { invalidArgument } from '../../shared/index.ts'

/** google.protobuf.Duration, as the gRPC codec gives it. */
export interface Duration {
  seconds: string | number
  nanos: number
}

const toMs = ({ seconds, nanos }: Duration): number => Number(seconds) * 1_000 + nanos / 1e6

export const toDuration = (ms: number): Duration => ({
  seconds: Math.floor(ms / 1_000),
  nanos: Math.round((ms % 1_000) * 1e6),
})

export interface DurationRange {
  /** As requests name it. */
  field: string
  leastMs: number
  mostMs?: number
  defaultMs: number
}

/** 10 minutes to 31 days, for topics as for subscriptions. */
export const RETENTION = { leastMs: 600_000, mostMs: 31 * 86_400_000 }

/** The duration given, or the default; INVALID_ARGUMENT when it is out of range. */
export function durationIn(duration: Duration | null, { field, leastMs, mostMs, defaultMs }: DurationRange): number {
  const ms = duration ? toMs(duration) : defaultMs
  if (ms >= leastMs && ms <= (mostMs ?? Number.POSITIVE_INFINITY)) return ms
  const range = mostMs === undefined ? `at least ${leastMs / 1_000}` : `${leastMs / 1_000} to ${mostMs / 1_000}`
  throw invalidArgument(`Invalid ${field} given (seconds=${ms / 1_000}): it must be ${range} seconds.`)
}
