import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import type { Result } from './check.ts'
import { report } from './report.ts'

const result = (name: string, rest: Partial<Result>): Result => ({
  group: 'Group',
  name,
  status: 'well',
  detail: 'fine',
  milliseconds: 1,
  ...rest,
})

const lines = (...results: Result[]) => stripVTControlCharacters(report(results)).split('\n')

test('names, findings and what mends them stand in columns, and the verdict counts', () => {
  expect(
    lines(
      result('one', {}),
      result('the other', { status: 'fault', detail: 'is not there', mend: '`sluice provision` makes it.' }),
      result('third', { status: 'note', detail: 'is odd' }),
    ),
  ).toEqual([
    'Group',
    '✔ one        fine',
    '✖ the other  is not there',
    '    → `sluice provision` makes it.',
    '! third      is odd',
    '',
    '✖ doctor: 1 fault; 1 worth knowing',
  ])
})

test('no line is longer than 80 columns, but for one long word, which stays whole', () => {
  const detail = 'a sentence that goes on and on, '.repeat(8).trim()
  const url = `https://table-manager.example/${'x'.repeat(90)}`
  const written = lines(
    result('short', { detail, mend: detail }),
    result('dev-backend-events-with-a-very-long-name-indeed', { detail }),
    result('push', { detail: `pushes to ${url}` }),
  )
  expect(written.filter((line) => line.length > 80).map((line) => line.trim())).toEqual([url])
})

test('a group of which nothing could be asked is one line', () => {
  const skipped = { status: 'skipped', detail: 'not asked: needs Pub/Sub' } as const
  expect(lines(result('a', skipped), result('b', skipped)).slice(0, 2)).toEqual([
    'Group',
    '- 2 checks  not asked: needs Pub/Sub',
  ])
})
