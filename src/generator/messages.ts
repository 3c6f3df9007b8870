import { type EventDefinition, events } from '../catalogue/index.ts'
import { malformed } from './malformed.ts'
import { eventMessage, type GeneratedMessage } from './message.ts'
import { mix } from './mix.ts'
import { SeededSource } from './sample-source.ts'

/** What messages to generate. */
export interface MessageOptions {
  readonly seed: number
  /** How many messages to make, repeated ones included; without end unless told otherwise. */
  readonly count?: number
  /** All of the catalogue's unless told otherwise. */
  readonly eventTypes?: readonly string[]
  /**
   * Milliseconds since the epoch. A span is covered evenly from the first message to the last, and at random where there
   * is no last one. A function is asked when a message is made: a clock's, for events that happen as they are published.
   */
  readonly eventTimes: { readonly from: number; readonly to: number } | (() => number)
  /** Which part of the messages is malformed, from 0 to 1. */
  readonly malformedRatio?: number
  /** Which part of the messages repeats an earlier one, as a producer does that did not hear its answer. */
  readonly duplicateRatio?: number
}

/** How far back a repeated message may lie. */
const RECENT = 100

/**
 * Realistic messages; the same options give the same bytes. The malformed ones take turns through all the ways to be so.
 * With a count, the ratios are kept to the message; only well-formed ones are repeated.
 *
 * Throws a RangeError for an unknown event type or ratio.
 */
export function* generateMessages(options: MessageOptions): Generator<GeneratedMessage> {
  const { count = Number.POSITIVE_INFINITY, malformedRatio = 0, duplicateRatio = 0 } = options
  const definitions = definitionsOf(options.eventTypes ?? [...events.keys()])
  const source = new SeededSource(options.seed)
  const fraction = () => source.fraction()
  const kinds = [...malformed.values()]
  const recent: GeneratedMessage[] = []
  let made = 0
  let bad = 0
  for (const part of mix({ count, malformedRatio, duplicateRatio, fraction })) {
    const chance = fraction()
    source.setTime(timeOf(options.eventTimes, count === Number.POSITIVE_INFINITY ? chance : (made + chance) / count))
    made += 1
    if (part === 'malformed') {
      yield kinds[bad++ % kinds.length]!(source, source.pick(definitions))
    } else if (part === 'repeated') {
      yield { ...source.pick(recent), repeated: true }
    } else {
      const message = eventMessage(source, source.pick(definitions))
      recent.push(message)
      if (recent.length > RECENT) recent.shift()
      yield message
    }
  }
}

/** `position` is 0 at the start of the span and 1 at its end. */
const timeOf = (times: MessageOptions['eventTimes'], position: number) =>
  typeof times === 'function' ? times() : Math.floor(times.from + position * (times.to - times.from))

function definitionsOf(types: readonly string[]): EventDefinition[] {
  return types.map((type) => {
    const definition = events.get(type)
    if (!definition) throw new RangeError(`Unknown event type ${type}: known are ${[...events.keys()].join(', ')}.`)
    return definition
  })
}
