import type { DecodedEvent, Rejection } from './decode.ts'
import { microsOf } from './instant.ts'
import type { Message } from './message.ts'

/**
 * How far an event's time may lie before and after the time that its message was published at, in seconds; absent: any
 * distance. Both are in the message, so it is judged alike by every runner, in any order, and whenever it comes again.
 */
export interface TimeBounds {
  readonly allowedLatenessSeconds?: number
  readonly allowedEarlinessSeconds?: number
}

/** Says why the event lies outside the bounds, if it does. */
export function outOfBounds(message: Message, decoded: DecodedEvent, bounds: TimeBounds): Rejection | undefined {
  const { allowedLatenessSeconds: late, allowedEarlinessSeconds: early } = bounds
  if (late === undefined && early === undefined) return undefined
  const published = microsOf(message.publishTime)
  if (published === undefined) return undefined // no message of Pub/Sub's, and no matter of bounds
  const lateness = published - decoded.eventTime
  if (late !== undefined && lateness > micros(late)) return rejected(decoded, 'too_late', lateness, late)
  if (early !== undefined && -lateness > micros(early)) return rejected(decoded, 'too_early', -lateness, early)
  return undefined
}

const micros = (seconds: number) => BigInt(seconds) * 1_000_000n

function rejected(decoded: DecodedEvent, reason: 'too_late' | 'too_early', by: bigint, allowed: number): Rejection {
  const side = reason === 'too_late' ? 'before' : 'after'
  const field = decoded.definition.eventTime
  const distance = `${Number(by) / 1e6} s ${side} the message was published`
  return { ok: false, reason, detail: `${field}: lies ${distance}, more than the ${allowed} s that are allowed` }
}
