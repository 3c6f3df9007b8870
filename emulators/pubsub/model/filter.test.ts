import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseFilter } from './filter.ts'

type Attributes = Record<string, string>

test.for([
  ['attributes:lang', { lang: '' }, { other: 'lang' }],
  ['attributes.lang = "en"', { lang: 'en' }, { lang: 'en-GB' }],
  ['attributes.lang="en"', { lang: 'en' }, {}],
  ['attributes.lang != "en"', { lang: 'fr' }, { lang: 'en' }],
  ['attributes.lang != "en"', {}, { lang: 'en' }],
  ['hasPrefix(attributes.lang, "en")', { lang: 'en-GB' }, { lang: 'fr' }],
  ['hasPrefix(attributes.lang, "")', { lang: '' }, {}],
  ['NOT attributes:lang', {}, { lang: 'en' }],
  ['-attributes:lang', {}, { lang: 'en' }],
  ['NOT hasPrefix ( attributes . lang , "en" )', { lang: 'fr' }, { lang: 'en' }],
  ['attributes:a AND attributes:b AND NOT attributes:c', { a: '', b: '' }, { a: '', b: '', c: '' }],
  ['attributes:a OR attributes:b OR attributes:c', { c: '' }, { d: '' }],
  ['attributes:a AND (attributes:b OR attributes:c)', { a: '', c: '' }, { c: '' }],
  ['NOT (attributes:a AND attributes:b)', { a: '' }, { a: '', b: '' }],
  ['((attributes:a))', { a: '' }, {}],
  ['attributes:"iana.org/language_tag"', { 'iana.org/language_tag': 'x' }, { iana: 'x' }],
  ['attributes."say \\"hi\\"" = "back\\\\slash"', { 'say "hi"': 'back\\slash' }, { 'say "hi"': 'back' }],
  ['attributes:"\\u307F"', { み: '' }, { u307F: '' }],
  ['attributes:end', { end: '' }, {}],
  ['attributes:AND', { AND: '' }, {}],
  ['attributes:toString', { toString: '' } as Attributes, {}],
] as [string, Attributes, Attributes][])('%s', ([text, matching, other]) => {
  const filter = parseFilter(text)
  expect(filter(matching)).toBe(true)
  expect(filter(other)).toBe(false)
})

test.for([
  ' ',
  'attributes',
  'attributes:',
  'attributes.a',
  'attributes.a = b',
  "attributes.a = 'b'",
  'attributes.a == "b"',
  'attributes.a < "b"',
  'attribute:a',
  'attributes:a and attributes:b',
  'attributes:a attributes:b',
  'attributes:a AND attributes:b OR attributes:c',
  'attributes:a OR attributes:b AND attributes:c',
  'attributes:a AND',
  'AND attributes:a',
  'NOT NOT attributes:a',
  '(attributes:a',
  'attributes:a)',
  'hasPrefix(attributes:a, "b")',
  'hasPrefix(attributes.a)',
  'attributes.a = "unterminated',
  'attributes:1a',
  'data = "x"',
  `attributes:${'a'.repeat(246)}`,
])('%s is no filter', (text) => {
  expect(() => parseFilter(text)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
})

test('a filter of 256 bytes is accepted', () => {
  expect(parseFilter(`attributes:${'a'.repeat(245)}`)({ ['a'.repeat(245)]: '' })).toBe(true)
})

/** A filter as text, with what it means. */
interface Written {
  text: string
  means: (attributes: Attributes) => boolean
}

const key = fc.constantFrom('a', 'b', 'c')
const value = fc.constantFrom('', 'x', 'xy', 'z')
const leaf: fc.Arbitrary<Written> = fc.oneof(
  key.map((k) => ({ text: `attributes:${k}`, means: (a: Attributes) => k in a })),
  fc.tuple(key, value).map(([k, v]) => ({ text: `attributes.${k}="${v}"`, means: (a: Attributes) => a[k] === v })),
  fc.tuple(key, value).map(([k, v]) => ({ text: `attributes.${k}!="${v}"`, means: (a: Attributes) => a[k] !== v })),
  fc.tuple(key, value).map(([k, v]) => ({
    text: `hasPrefix(attributes.${k},"${v}")`,
    means: (a: Attributes) => k in a && a[k]!.startsWith(v),
  })),
)
const { written } = fc.letrec<{ written: Written }>((tie) => ({
  written: fc.oneof(
    { maxDepth: 3 },
    leaf,
    tie('written').map(({ text, means }) => ({ text: `NOT (${text})`, means: (a: Attributes) => !means(a) })),
    fc.tuple(tie('written'), tie('written')).map(([l, r]) => ({
      text: `(${l.text}) AND (${r.text})`,
      means: (a: Attributes) => l.means(a) && r.means(a),
    })),
    fc.tuple(tie('written'), tie('written')).map(([l, r]) => ({
      text: `(${l.text}) OR (${r.text})`,
      means: (a: Attributes) => l.means(a) || r.means(a),
    })),
  ),
}))

test('any filter that fits means what it says', () => {
  const fitting = written.filter(({ text }) => text.length <= 256)
  fc.assert(
    fc.property(fitting, fc.dictionary(key, value, { noNullPrototype: true }), ({ text, means }, attributes) => {
      expect(parseFilter(text)(attributes)).toBe(means(attributes))
    }),
    { numRuns: 500 },
  )
})
