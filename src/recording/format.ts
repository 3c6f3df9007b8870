import { z } from 'zod'

/** A fixture that cannot be used: the message names the file, the line and what is wrong. */
export class FixtureError extends Error {
  override readonly name = 'FixtureError'
}

const counts = z.record(z.string(), z.int().nonnegative())

const about = z.strictObject({
  name: z.string().min(1),
  description: z.string(),
  /** Where the messages come from: a topic, a subscription, a script and its seed. */
  source: z.string(),
  recorded_at: z.iso.datetime(),
  counts: z.strictObject({
    messages: z.int().nonnegative(),
    /** Lines of each file in `expected/`; absent until `replay --update` has written them. */
    expected: counts.optional(),
  }),
  /** Of the messages as they stand in the file, uncompressed. A fixture is never changed by accident. */
  hash: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is not sha256: and 64 hexadecimal digits'),
  /**
   * What follows the time of the run: `publish_time` in every table, `dead_letters.event_date` in one, and
   * `_meta.publish_time` in raw lines. Its value is not compared, only that it is a time of the run.
   */
  volatile: z.array(z.string()),
  /** What `record` put pseudonyms in place of. */
  redacted: z.array(z.string()).optional(),
  /** Messages whose data could not be read, so that `record` put filling in place of all of it. */
  masked: z.int().nonnegative().optional(),
  /** Which part of the events was recorded. */
  sampled: z.number().gt(0).lt(1).optional(),
  /** Columns that the live tables do not have yet when the replay begins, by table. */
  tables_without: z.record(z.string(), z.array(z.string())).optional(),
})

/** `fixture.json` */
export type About = z.infer<typeof about>

export const VOLATILE = ['publish_time', 'processed_at', 'dead_letters.event_date', '_meta.publish_time']

/** `data` is UTF-8 text; what is none stands in base64 in `data_base64` instead. */
const line = z
  .strictObject({
    message_id: z.string().min(1),
    publish_time: z.iso.datetime(),
    /** Milliseconds since the first message of the fixture. */
    offset_ms: z.number().nonnegative(),
    ordering_key: z.string().optional(),
    attributes: z.record(z.string(), z.string()).optional(),
    data: z.string().optional(),
    data_base64: z.base64().optional(),
  })
  .refine((m) => (m.data === undefined) !== (m.data_base64 === undefined), 'has not one of data and data_base64')

/** A message as it was published, to be published again byte for byte. */
export interface RecordedMessage {
  /** What it was called when it was recorded. */
  readonly messageId: string
  /** RFC 3339 in UTC. */
  readonly publishTime: string
  /** Milliseconds since the first message. */
  readonly offsetMs: number
  readonly orderingKey?: string
  readonly attributes: Readonly<Record<string, string>>
  readonly data: Buffer
}

/** What the event of a message is called in every run: Pub/Sub gives new message ids, an event id stays. */
export const nameOf = ({ attributes, messageId }: Pick<RecordedMessage, 'attributes' | 'messageId'>): string =>
  attributes.event_id || messageId

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A line of `messages.ndjson`. */
export function toLine({ messageId, publishTime, offsetMs, orderingKey, attributes, data }: RecordedMessage): string {
  return JSON.stringify({
    message_id: messageId,
    publish_time: publishTime,
    offset_ms: offsetMs,
    ...(orderingKey && { ordering_key: orderingKey }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...dataFields(data),
  } satisfies z.infer<typeof line>)
}

function dataFields(data: Buffer): { data: string } | { data_base64: string } {
  try {
    return { data: utf8.decode(data) }
  } catch {
    return { data_base64: data.toString('base64') }
  }
}

/** Throws a FixtureError that begins with `where`. */
export function parseLine(text: string, where: string): RecordedMessage {
  const { message_id, publish_time, offset_ms, ordering_key, attributes, data, data_base64 } = parse(line, text, where)
  return {
    messageId: message_id,
    publishTime: publish_time,
    offsetMs: offset_ms,
    ...(ordering_key !== undefined && { orderingKey: ordering_key }),
    attributes: attributes ?? {},
    data: data === undefined ? Buffer.from(data_base64!, 'base64') : Buffer.from(data),
  }
}

/** Throws a FixtureError that begins with `where`. */
export const parseAbout = (text: string, where: string): About => parse(about, text, where)

function parse<Schema extends z.ZodType>(schema: Schema, text: string, where: string): z.output<Schema> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new FixtureError(`${where} is not JSON: ${(cause as Error).message}`, { cause })
  }
  const parsed = schema.safeParse(json)
  // Not zod's copy: a record that it has copied lacks `__proto__`, which an attribute may be called.
  if (parsed.success) return json as z.output<Schema>
  throw new FixtureError(`${where}: ${z.prettifyError(parsed.error)}`)
}
