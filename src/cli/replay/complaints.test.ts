import { expect, test } from 'vitest'
import { Complaints } from './complaints.ts'

const noted = (...lines: string[]) => {
  const complaints = new Complaints()
  for (const line of lines) complaints.note(line)
  return complaints
}
const warning = (message: string, error?: string) =>
  JSON.stringify({
    severity: 'WARNING',
    time: '2024-01-15T10:30:00Z',
    ...(error && { error: { message: error } }),
    message,
  })

test('a complaint is the message of a line of a log, with its reason', () => {
  const info = '{"severity":"INFO","time":"2024-01-15T10:30:00Z","message":"A worker has started."}\n'
  expect(noted(info, warning('A part failed.', '5 NOT_FOUND'), warning('A worker has died.')).all).toEqual([
    'A part failed. 5 NOT_FOUND',
    'A worker has died.',
  ])
})

test('of a process that dies, its words are kept and its stack is not', () => {
  expect(noted('TypeError: no such column', '    at toRow (to-row.ts:1:2)', '', 'Node.js v24.0.0').all).toEqual([
    'TypeError: no such column',
  ])
})

test('what is said again and again is one complaint, and the latest five are kept', () => {
  const lines = ['a', 'b', 'c', 'a', 'd', 'e', 'f'].map((text) => warning(text))
  expect(noted(...lines).all).toEqual(['c', 'a', 'd', 'e', 'f'])
})

test('a new fixture starts with none', () => {
  const complaints = noted(warning('of the last one'))
  complaints.clear()
  expect(complaints.all).toEqual([])
})
