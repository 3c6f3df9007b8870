import type { DecodedEvent } from './decode.ts'
import { countMembers, outline } from './json-outline.ts'
import type { Message } from './message.ts'
import { metaOfMessage, withMeta } from './meta.ts'

/**
 * One line of NDJSON: the event as received, and `_meta`. The producer's own text is kept, less its line breaks, so
 * that large integers and the form of numbers survive.
 *
 * An event that repeats a name, or has a `_meta` of its own, cannot be kept so: a reader of the line would find two
 * members of one name. It is written anew from what was parsed (of a repeated name the last), its own `_meta` as text
 * in `_meta.received`.
 */
export function toRawLine(message: Message, { event, text }: Pick<DecodedEvent, 'event' | 'text'>): string {
  const hasMeta = Object.hasOwn(event, '_meta')
  if (!hasMeta && countMembers(event) === outline(text).members) {
    return withMeta(openObject(text.replaceAll(/[\r\n]+/g, '')), metaOfMessage(message))
  }
  const { _meta: own, ...others } = event
  const received = hasMeta ? JSON.stringify(own) : undefined
  return withMeta(openObject(JSON.stringify(others)), metaOfMessage(message, received))
}

const openObject = (json: string): string => json.slice(0, json.lastIndexOf('}'))
