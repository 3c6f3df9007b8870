import { type EventDefinition, events } from '../catalogue/index.ts'
import { malformed } from './malformed.ts'
import { eventMessage, type GeneratedMessage } from './message.ts'
import { SeededSource } from './sample-source.ts'

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

/** Realistic messages; the same options give the same bytes. Throws a RangeError for an unknown event type or ratio. */
export function* generateMessages(options: MessageOptions): Generator<GeneratedMessage> {
  const { count = Number.POSITIVE_INFINITY, malformedRatio = 0, duplicateRatio = 0 } = options
  checkRatio('malformedRatio', malformedRatio)
  checkRatio('duplicateRatio', duplicateRatio)
  const definitions = definitionsOf(options.eventTypes ?? [...events.keys()])
  const source = new SeededSource(options.seed)
  const kinds = [...malformed.values()]
  const recent: GeneratedMessage[] = []
  for (let i = 0; i < count; i++) {
    const chance = source.fraction()
    source.setTime(timeOf(options.eventTimes, count === Number.POSITIVE_INFINITY ? chance : (i + chance) / count))
    if (recent.length > 0 && source.fraction() < duplicateRatio) {
      yield source.pick(recent)
      continue
    }
    const isMalformed = source.fraction() < malformedRatio
    const made = isMalformed ? source.pick(kinds)(source) : eventMessage(source, source.pick(definitions))
    recent.push(made)
    if (recent.length > RECENT) recent.shift()
    yield made
  }
}

/** `position` is 0 at the start of the span and 1 at its end. */
const timeOf = (times: MessageOptions['eventTimes'], position: number) =>
  typeof times === 'function' ? times() : Math.floor(times.from + position * (times.to - times.from))

function checkRatio(name: string, ratio: number): void {
  if (!(ratio >= 0 && ratio <= 1)) throw new RangeError(`${name} must be from 0 to 1, not ${ratio}.`)
}

function definitionsOf(types: readonly string[]): EventDefinition[] {
  return types.map((type) => {
    const definition = events.get(type)
    if (!definition) throw new RangeError(`Unknown event type ${type}: known are ${[...events.keys()].join(', ')}.`)
    return definition
  })
}
