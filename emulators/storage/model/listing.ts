import { invalidArgument, unimplemented } from '../../shared/index.ts'
import { globPattern } from './glob.ts'
import { afterName, afterPrefix, compareNames, type SortedNames } from './sorted-names.ts'

/** What may be asked of objects.list (cloud.google.com/storage/docs/json_api/v1/objects/list). */
export interface ListQuery {
  prefix?: string
  delimiter?: string
  includeTrailingDelimiter?: boolean
  /** Names at or after this one. */
  startOffset?: string
  /** Names before this one. */
  endOffset?: string
  matchGlob?: string
  /** Names and prefixes together; 1,000 when absent or larger. */
  maxResults?: number
  pageToken?: string
}

export interface ListPage {
  names: string[]
  prefixes: string[]
  nextPageToken?: string
}

const LARGEST_PAGE = 1_000

/** One page. Names under a prefix that is already given are skipped, not visited. */
export function listNames(names: Pick<SortedNames, 'ceiling'>, query: ListQuery): ListPage {
  const { maxResults = LARGEST_PAGE } = query
  const size = maxResults === 0 ? LARGEST_PAGE : Math.min(maxResults, LARGEST_PAGE)
  const page: ListPage = { names: [], prefixes: [] }
  let last: Entry | undefined
  for (const entry of entries(names, query)) {
    if (page.names.length + page.prefixes.length === size) return { ...page, nextPageToken: encode(last!) }
    if (entry.kind === 'name') page.names.push(entry.text)
    else page.prefixes.push(entry.text)
    last = entry
  }
  return page
}

/** A token is the last entry of its page. An object named like a prefix comes after that prefix. */
interface Entry {
  kind: 'name' | 'prefix'
  text: string
}

function* entries(names: Pick<SortedNames, 'ceiling'>, query: ListQuery): Generator<Entry> {
  const { prefix = '', delimiter = '', includeTrailingDelimiter = false, startOffset = '', endOffset = '' } = query
  if (query.matchGlob && delimiter) throw unimplemented('objects.list with both matchGlob and delimiter')
  const glob = query.matchGlob ? globPattern(query.matchGlob) : undefined
  const groupOf = (name: string) => {
    const cut = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length)
    return cut < 0 ? undefined : name.slice(0, cut + delimiter.length)
  }
  const isTrailing = (name: string) => includeTrailingDelimiter && groupOf(name) === name

  const starts = [prefix, startOffset, glob?.literalPrefix ?? '']
  let next: string | undefined = starts.reduce((a, b) => (compareNames(a, b) >= 0 ? a : b))
  if (query.pageToken) {
    const seen = decode(query.pageToken)
    const mayBeDue = seen.kind === 'prefix' && isTrailing(seen.text) && compareNames(seen.text, startOffset) >= 0
    if (mayBeDue && names.ceiling(seen.text) === seen.text) yield { kind: 'name', text: seen.text }
    const isGroup = seen.kind === 'prefix' || groupOf(seen.text) === seen.text
    next = isGroup ? afterPrefix(seen.text) : afterName(seen.text)
  }
  while (next !== undefined) {
    const name = names.ceiling(next)
    if (name === undefined || !name.startsWith(prefix)) return
    if (endOffset !== '' && compareNames(name, endOffset) >= 0) return
    if (glob && !name.startsWith(glob.literalPrefix)) return
    const group = groupOf(name)
    if (group === undefined) {
      if (!glob || glob.matches(name)) yield { kind: 'name', text: name }
      next = afterName(name)
    } else {
      yield { kind: 'prefix', text: group }
      if (isTrailing(name)) yield { kind: 'name', text: name }
      next = afterPrefix(group)
    }
  }
}

const encode = ({ kind, text }: Entry) => Buffer.from(`${kind} ${text}`).toString('base64url')

function decode(token: string): Entry {
  const [, kind, text] = /^(name|prefix) (.*)$/s.exec(Buffer.from(token, 'base64url').toString()) ?? []
  if (kind !== 'name' && kind !== 'prefix') {
    throw invalidArgument('Invalid argument.', { location: { type: 'parameter', name: 'pageToken' } })
  }
  return { kind, text: text! }
}
