import { invalidArgument } from './errors.ts'

export interface PageRequest {
  /** 0 or absent means as many as `most`. */
  pageSize?: number
  /** What an earlier page gave; it names the last item seen, so items that come and go do not shift the pages. */
  pageToken?: string
}

/** One page of items that are already sorted by key (by UTF-16 code unit). */
export function page<Item>(
  items: Iterable<Item>,
  key: (item: Item) => string,
  { pageSize = 0, pageToken = '' }: PageRequest,
  most = 1_000,
): { items: Item[]; nextPageToken: string } {
  if (pageSize < 0) throw invalidArgument('The page size must not be negative.')
  const after = decode(pageToken)
  const size = Math.min(pageSize || most, most)
  const found: Item[] = []
  for (const item of items) {
    if (after !== undefined && key(item) <= after) continue
    if (found.length === size) return { items: found, nextPageToken: encode(key(found.at(-1)!)) }
    found.push(item)
  }
  return { items: found, nextPageToken: '' }
}

const encode = (key: string) => Buffer.from(`after ${key}`).toString('base64url')

function decode(token: string): string | undefined {
  if (token === '') return undefined
  const text = Buffer.from(token, 'base64url').toString()
  if (!text.startsWith('after ')) throw invalidArgument(`The page token is not one of ours: ${token}`)
  return text.slice('after '.length)
}
