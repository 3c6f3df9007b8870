import { join } from 'node:path'
import { events } from '../../catalogue/index.ts'
import {
  eventMessage,
  type GeneratedMessage,
  generateMessages,
  malformed,
  SeededSource,
  withUnknownField,
} from '../../generator/index.ts'
import { openFixture } from '../../recording/index.ts'
import { ROOT } from '../itself.ts'

/** The messages that the deployment guide publishes by hand. */
const GUIDE = join(ROOT, 'fixtures/deployment-guide')

/** Event times of the generated events end now and begin so long before. */
const SPAN_MS = 10 * 60_000

export interface InputOptions {
  readonly events: number
  readonly seed: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** A message to publish; without an event id of its own, its message id will be it. */
export type InputMessage = Pick<GeneratedMessage, 'data' | 'attributes' | 'eventType' | 'reason'>

/**
 * What an end-to-end run publishes: the guide's messages as they stand, generated events, one of every kind of malformed
 * message, an event with an unknown field, and one event twice.
 */
export async function inputMessages({ events: count, seed, now }: InputOptions): Promise<InputMessage[]> {
  const guide = await Array.fromAsync((await openFixture(GUIDE)).messages())
  const source = new SeededSource(seed + 1)
  source.setTime(now)
  const repeated = eventMessage(source, events.get('order')!)
  return [
    ...guide.map(({ data, attributes }) => ({ data, attributes, eventType: 'guide' })),
    ...generateMessages({ seed, count, eventTimes: { from: now - SPAN_MS, to: now } }),
    ...malformed.values().map((make) => make(source)),
    withUnknownField(source),
    repeated,
    repeated,
  ]
}
