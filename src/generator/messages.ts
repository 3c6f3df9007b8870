import { type EventDefinition, events } from '../catalogue/index.ts'
import { malformed } from './malformed.ts'
import { eventMessage, type GeneratedMessage } from './message.ts'
import { SeededSource } from './sample-source.ts'

export interface MessageOptions {
  readonly seed: number
  /** How many messages to make, repeated ones included. */
  readonly count: number
  /** All of the catalogue's unless told otherwise. */
  readonly eventTypes?: readonly string[]
  /** Event times are spread evenly from the first to the last; milliseconds since the epoch. */
  readonly eventTimes: { readonly from: number; readonly to: number }
  /** Which part of the messages is malformed, from 0 to 1. */
  readonly malformedRatio?: number
  /** Which part of the messages repeats an earlier one, as a producer does that did not hear its answer. */
  readonly duplicateRatio?: number
}

/** How far back a repeated message may lie. */
const RECENT = 100

/** Realistic messages; the same options give the same bytes. Throws a RangeError for an unknown event type. */
export function* generateMessages(options: MessageOptions): Generator<GeneratedMessage> {
  const { count, eventTimes, malformedRatio = 0, duplicateRatio = 0 } = options
  const definitions = definitionsOf(options.eventTypes ?? [...events.keys()])
  const source = new SeededSource(options.seed)
  const kinds = [...malformed.values()]
  const recent: GeneratedMessage[] = []
  for (let i = 0; i < count; i++) {
    const position = (i + source.fraction()) / count
    source.setTime(Math.floor(eventTimes.from + position * (eventTimes.to - eventTimes.from)))
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

function definitionsOf(types: readonly string[]): EventDefinition[] {
  return types.map((type) => {
    const definition = events.get(type)
    if (!definition) throw new RangeError(`Unknown event type ${type}: known are ${[...events.keys()].join(', ')}.`)
    return definition
  })
}
