import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import type { FastifyRequest } from 'fastify'
import { invalidArgument, unimplemented } from '../../shared/index.ts'

const gunzip = promisify(zlib.gunzip)
const MOST_BYTES = 100 * 2 ** 20

export interface Body {
  /** Undefined when there is none. */
  readonly json: unknown
  /** A form, which is what curl sends unless told otherwise, stands for parameters of the query. */
  readonly parameters: string
}

/** What a request carries; INVALID_ARGUMENT when it cannot be read. Java's clients compress theirs. */
export async function readBody({ body, headers }: FastifyRequest): Promise<Body> {
  const bytes = body instanceof Buffer ? await decompress(body, headers['content-encoding'] ?? 'identity') : NOTHING
  const text = bytes.toString().trim()
  const type = (headers['content-type'] ?? JSON_TYPE).split(';')[0]!.trim().toLowerCase()
  if (text === '') return { json: undefined, parameters: '' }
  if (type === 'application/x-www-form-urlencoded') return { json: undefined, parameters: text }
  if (type === JSON_TYPE) return { json: parse(text), parameters: '' }
  throw invalidArgument(`Unsupported content with type: ${type}`)
}

const JSON_TYPE = 'application/json'
const NOTHING = Buffer.alloc(0)

async function decompress(bytes: Buffer, encoding: string): Promise<Buffer> {
  if (encoding === 'identity') return bytes
  if (encoding !== 'gzip') throw unimplemented(`Content-Encoding: ${encoding}`)
  return gunzip(bytes, { maxOutputLength: MOST_BYTES }).catch((cause: Error) => {
    throw invalidArgument(`The body is not what gzip makes: ${cause.message}`, { cause })
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalidArgument(`Invalid JSON payload received. ${(cause as Error).message}`, { cause })
  }
}
