import fc from 'fast-check'
import { expect, test } from 'vitest'
import { globPattern } from './glob.ts'
import { type ListQuery, listNames } from './listing.ts'
import { compareNames, SortedNames } from './sorted-names.ts'

/** Few letters, so that prefixes, delimiters and neighbours of both kinds meet often. */
const letter = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('a', '/') },
  { weight: 1, arbitrary: fc.constantFrom('-', '\0', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}') },
)
const name = fc.array(letter, { minLength: 1, maxLength: 4 }).map((letters) => letters.join(''))
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const query = fc.record({
  prefix: maybe(name),
  delimiter: maybe(fc.constantFrom('/', '/', '-', '/a', '\ud7ff', '\u{10ffff}')),
  includeTrailingDelimiter: fc.boolean(),
  startOffset: maybe(name),
  endOffset: maybe(name),
})

const bytewise = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** The documentation's words, name by name. */
function naive(all: string[], query: ListQuery) {
  const { prefix = '', delimiter = '', includeTrailingDelimiter, startOffset = '', endOffset = '' } = query
  const names = new Set<string>()
  const prefixes = new Set<string>()
  for (const name of all) {
    if (!name.startsWith(prefix) || bytewise(name, startOffset) < 0) continue
    if (endOffset !== '' && bytewise(name, endOffset) >= 0) continue
    const cut = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length)
    const group = name.slice(0, cut + delimiter.length)
    if (cut >= 0) prefixes.add(group)
    if (cut < 0 || (includeTrailingDelimiter && group === name)) names.add(name)
  }
  return { names: [...names].sort(bytewise), prefixes: [...prefixes].sort(bytewise) }
}

function sorted(all: string[]): SortedNames {
  const names = new SortedNames()
  for (const name of all) names.add(name)
  return names
}

test('a listing in pages of any size has what the documentation says, in UTF-8 byte order', () => {
  fc.assert(
    fc.property(fc.array(name), query, fc.integer({ min: 1, max: 4 }), (all, selected, maxResults) => {
      const asked = JSON.parse(JSON.stringify(selected)) as ListQuery
      const names = sorted(all)
      const seen = { names: [] as string[], prefixes: [] as string[] }
      for (let pageToken = ''; ; ) {
        const page = listNames(names, { ...asked, maxResults, pageToken })
        expect(page.names.length + page.prefixes.length).toBeLessThanOrEqual(maxResults)
        seen.names.push(...page.names)
        seen.prefixes.push(...page.prefixes)
        if (page.nextPageToken === undefined) break
        pageToken = page.nextPageToken
      }
      expect(seen).toEqual(naive(all, asked))
    }),
    { numRuns: 3_000 },
  )
})

test('names stay sorted and found through any additions and removals', () => {
  const change = fc.record({ name: fc.integer({ min: 0, max: 3_000 }).map(String), add: fc.boolean() })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 2_000, size: 'max' }), (changes) => {
      const names = new SortedNames()
      const model = new Set<string>()
      for (const { name, add } of changes) {
        if (add) model.add(name)
        else model.delete(name)
        if (add) names.add(name)
        else names.delete(name)
      }
      const { names: listed } = listNames(names, { maxResults: 1_000 })
      expect(listed).toEqual([...model].sort(bytewise).slice(0, 1_000))
    }),
    { numRuns: 30 },
  )
})

test('the order of names is that of their UTF-8 bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(Math.sign(compareNames(a, b))).toBe(Math.sign(bytewise(a, b)))
    }),
  )
})

test('a listing visits what it returns, not what lies under a prefix it has given', () => {
  const names = sorted(Array.from({ length: 20_000 }, (_, index) => `${index % 2}/${index}`))
  let visits = 0
  const counted = {
    ceiling(bound: string) {
      visits++
      return names.ceiling(bound)
    },
  }
  expect(listNames(counted, { delimiter: '/' }).prefixes).toEqual(['0/', '1/'])
  expect(visits).toBeLessThan(5)
  listNames(counted, { maxResults: 10 })
  expect(visits).toBeLessThan(20)
})

test.each([
  ['*.json', ['a.json'], ['a/b.json', 'a.jsonl']],
  ['**.json', ['a.json', 'a/b.json'], []],
  ['a/*/c', ['a/b/c'], ['a/b/b/c', 'a/c']],
  ['?', ['a', 'ü', '😀'], ['/', 'ab', '']],
  ['[a-c!]x', ['ax', 'cx', '!x'], ['dx']],
  ['[!a-c]x', ['dx'], ['ax']],
  ['{a,b*}/{1,2}', ['a/1', 'bb/2'], ['a/3', 'ab/1']],
  ['a.b+(c)|$^', ['a.b+(c)|$^'], ['aab']],
  ['\\*', ['*'], ['a']],
])('the glob %s matches as in the documentation', (glob, matches, others) => {
  const pattern = globPattern(glob)
  for (const name of matches) expect(pattern.matches(name) && name.startsWith(pattern.literalPrefix)).toBe(true)
  for (const name of others) expect(pattern.matches(name)).toBe(false)
})
