/** Why no event type can be read from a message: the codes of the pipeline's dead letters. */
export type NoEventType = 'not_utf8' | 'not_json' | 'not_an_object' | 'empty_object' | 'missing_event_type'

export type ReadEventType =
  | { readonly ok: true; readonly type: string }
  | { readonly ok: false; readonly reason: NoEventType }

/** The event type that the data of a message names. The rest of the event is the pipeline's to judge. */
export function eventTypeOf(data: Uint8Array): ReadEventType {
  const text = decodeUtf8(data)
  if (text === undefined) return no('not_utf8')
  const value = parseJson(text)
  if (value === undefined) return no('not_json')
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return no('not_an_object')
  if (Object.keys(value).length === 0) return no('empty_object')
  const type = 'event_type' in value ? value.event_type : undefined
  return typeof type === 'string' && type !== '' ? { ok: true, type } : no('missing_event_type')
}

const no = (reason: NoEventType): ReadEventType => ({ ok: false, reason })

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decodeUtf8(data: Uint8Array): string | undefined {
  try {
    return utf8.decode(data)
  } catch {
    return undefined
  }
}

/** undefined, which no JSON text means, when it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
