import { invalidArgument, unimplemented } from '../shared/index.ts'

/** A multipart/related upload: the object's JSON, then its content (RFC 2387). */
export interface RelatedParts {
  readonly metadata: string
  readonly contentType?: string
  /** To be read to its end; fails when the closing boundary is missing. */
  readonly content: AsyncIterable<Uint8Array>
}

const LARGEST_HEAD = 2 ** 20

/**
 * Splits such a body as it arrives. Lines may end in CRLF or in LF alone, and the boundary may stand in double or in
 * single quotes: gcloud and gsutil send LF and single quotes, which are no part of the boundary in their body.
 */
export async function parseRelated(contentType: string, body: AsyncIterable<Uint8Array>): Promise<RelatedParts> {
  const [, named] = /;\s*boundary=("[^"]+"|'[^']+'|[^\s;]+)/i.exec(contentType) ?? []
  if (named === undefined) throw malformed('the Content-Type has no boundary')
  const input = new Input(body)
  const first = await input.until('\n')
  const boundary = [named, named.replace(/^(["'])(.*)\1$/, '$2')].find(
    (name) => first.toString().trim() === `--${name}`,
  )
  if (boundary === undefined) throw malformed('the body does not start with the boundary')
  const newline = first.at(-1) === 13 ? '\r\n' : '\n'
  const delimiter = `${newline}--${boundary}`

  await readHeaders(input)
  const metadata = (await input.until(delimiter)).toString()
  await input.until('\n')
  const headers = await readHeaders(input)
  const encoding = headers.get('content-transfer-encoding') ?? 'binary'
  if (encoding !== 'binary') throw unimplemented(`the Content-Transfer-Encoding ${encoding}`)
  if (headers.has('content-encoding'))
    throw unimplemented('a part with a Content-Encoding (set contentEncoding instead)')
  const type = headers.get('content-type')
  return { metadata, ...(type !== undefined && { contentType: type }), content: input.streamUntil(delimiter) }
}

async function readHeaders(input: Input): Promise<Map<string, string>> {
  const headers = new Map<string, string>()
  for (;;) {
    const line = (await input.until('\n')).toString().trim()
    if (line === '') return headers
    const colon = line.indexOf(':')
    if (colon < 0) throw malformed(`a part has the header "${line}"`)
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
}

/** Bytes as they arrive, cut at delimiters. */
class Input {
  #source: AsyncIterator<Uint8Array>
  #ahead = Buffer.alloc(0)

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** What stands before the delimiter; both are taken. */
  async until(delimiter: string): Promise<Buffer> {
    for (;;) {
      const at = this.#ahead.indexOf(delimiter)
      if (at >= 0) return this.#take(at, delimiter.length)
      if (this.#ahead.length > LARGEST_HEAD) throw malformed('its first part is too large')
      await this.#more()
    }
  }

  /** The same in pieces; the rest of the input is read as well, and dropped. */
  async *streamUntil(delimiter: string): AsyncGenerator<Uint8Array> {
    for (;;) {
      const at = this.#ahead.indexOf(delimiter)
      if (at >= 0) {
        if (at > 0) yield this.#take(at, delimiter.length)
        break
      }
      const safe = this.#ahead.length - delimiter.length + 1
      if (safe > 0) yield this.#take(safe, 0)
      await this.#more()
    }
    while (!(await this.#source.next()).done);
  }

  #take(length: number, drop: number): Buffer {
    const taken = this.#ahead.subarray(0, length)
    this.#ahead = this.#ahead.subarray(length + drop)
    return taken
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#source.next()
    if (done) throw malformed('a boundary is missing')
    this.#ahead = this.#ahead.length === 0 ? Buffer.from(value) : Buffer.concat([this.#ahead, value])
  }
}

const malformed = (what: string) => invalidArgument(`Malformed multipart body: ${what}.`, { reason: 'badContent' })
