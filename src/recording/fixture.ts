import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** A message as it was published, to be published again byte for byte. */
export interface RecordedMessage {
  readonly data: Buffer
  readonly attributes: Readonly<Record<string, string>>
  /** What the message was called when it was recorded: expected outputs speak of it by this name. */
  readonly messageId: string
}

/** A fixture: recorded messages on disk and what the pipeline must make of them. */
export interface Fixture {
  readonly folder: string
  readonly name: string
  readonly description: string
  readonly messages: readonly RecordedMessage[]
  /** Columns and fields whose values differ from run to run, so that they are not compared. */
  readonly volatile: readonly string[]
}

/** A fixture that cannot be used: the message names the file, the line and what is wrong. */
export class FixtureError extends Error {
  override readonly name = 'FixtureError'
}

const description = z.strictObject({
  name: z.string().min(1),
  description: z.string(),
  source: z.string(),
  recorded_at: z.iso.datetime(),
  /** How many messages `messages.ndjson` has. */
  messages: z.int().nonnegative(),
  /** `sha256:` and the hash of `messages.ndjson`, so that a fixture is never changed by accident. */
  hash: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  volatile: z.array(z.string()),
})

/** `data` is UTF-8 text; what is none stands in base64 in `data_base64` instead. */
const message = z.union([
  z.strictObject({
    message_id: z.string().min(1),
    attributes: z.record(z.string(), z.string()).default({}),
    data: z.string(),
  }),
  z.strictObject({
    message_id: z.string().min(1),
    attributes: z.record(z.string(), z.string()).default({}),
    data_base64: z.base64(),
  }),
])

/** Reads a fixture's folder and checks it against its own description. Throws a FixtureError. */
export async function readFixture(folder: string): Promise<Fixture> {
  const about = parse(description, await read(join(folder, 'fixture.json')), join(folder, 'fixture.json'))
  const file = join(folder, 'messages.ndjson')
  const content = await read(file)
  const hash = `sha256:${createHash('sha256').update(content).digest('hex')}`
  if (hash !== about.hash) {
    throw new FixtureError(`${file} is not what was recorded: its hash is ${hash}, fixture.json says ${about.hash}.`)
  }
  const messages = ndjson(content).map((line, i) => toMessage(parse(message, line, `${file}:${i + 1}`)))
  if (messages.length !== about.messages) {
    throw new FixtureError(`${file} has ${messages.length} messages, fixture.json says ${about.messages}.`)
  }
  const seen = new Set<string>()
  const twice = messages.find(({ messageId }) => seen.size === seen.add(messageId).size)?.messageId
  if (twice !== undefined)
    throw new FixtureError(`${file} names two messages ${twice}: message_id must tell them apart.`)
  return { folder, name: about.name, description: about.description, messages, volatile: about.volatile }
}

/** The lines of an NDJSON text; a last line without a line break counts. */
export const ndjson = (content: string): string[] => content.split('\n').filter((line) => line !== '')

const toMessage = (line: z.infer<typeof message>): RecordedMessage => ({
  messageId: line.message_id,
  attributes: line.attributes,
  data: 'data' in line ? Buffer.from(line.data) : Buffer.from(line.data_base64, 'base64'),
})

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new FixtureError(`${file} cannot be read: a fixture is a folder with fixture.json and messages.ndjson.`, {
      cause,
    })
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, text: string, where: string): z.output<Schema> {
  const json = (() => {
    try {
      return JSON.parse(text)
    } catch (cause) {
      throw new FixtureError(`${where} is not JSON: ${(cause as Error).message}`, { cause })
    }
  })()
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new FixtureError(`${where}: ${z.prettifyError(parsed.error)}`)
}
