import type { KV } from 'apache-beam/values'
import type { Received } from './beam/coders.ts'
import { type DoFn, registerDoFn } from './beam/do-fn.ts'
import { services } from './bundle.ts'
import { decode } from './transforms/decode.ts'
import { DEAD_LETTER, folderOf, startOfFolder } from './transforms/destination.ts'
import { microsOf } from './transforms/instant.ts'
import type { Message } from './transforms/message.ts'
import type { TimeBounds } from './transforms/time-bounds.ts'
import { toDeadLetter } from './transforms/to-dead-letter.ts'
import { toRawLine } from './transforms/to-raw-line.ts'

/** The synchronous stages of the graph: each is a transform, and where its result goes. */

export const decodeMessages = registerDoFn('decode', (bounds: TimeBounds): DoFn<Message, Received> => {
  const { outcome } = services()
  return {
    process(message, emit) {
      const decoded = decode(message, bounds)
      if (decoded.ok && decoded.unknownFields.length > 0) {
        outcome.foundUnknownFields(message.id, decoded.unknownFields.length)
      }
      emit({ message, decoded })
    },
  }
})

/** A raw line by its folder: type and minute of the event time. */
export const eventLines = registerDoFn(
  'events',
  (): DoFn<Received, KV<string, string>> => ({
    process({ message, decoded }, emit) {
      if (!decoded.ok) return
      emit({ key: folderOf(decoded.definition.type, decoded.eventTime), value: toRawLine(message, decoded) })
    },
  }),
)

/** A dead letter by its folder: the minute that it was published in. */
export const deadLetterLines = registerDoFn(
  'deadLetters',
  (): DoFn<Received, KV<string, string>> => ({
    process({ message, decoded }, emit) {
      if (decoded.ok) return
      const published = microsOf(message.publishTime)
      if (published === undefined) throw new Error(`Message ${message.id} has no publish time: ${message.publishTime}`)
      emit({ key: folderOf(DEAD_LETTER, published), value: toDeadLetter(message, decoded) })
    },
  }),
)

export const minuteOfKey = registerDoFn(
  'minuteOfKey',
  (): DoFn<KV<string, string>, KV<string, string>> => ({
    process: (line, emit) => emit(line, startOfFolder(line.key)),
  }),
)
