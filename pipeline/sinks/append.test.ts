import { expect, test } from 'vitest'
import { answerOf, codeOf } from './append.ts'

test('row errors are a refusal, with an error beside them or without', () => {
  const rowErrors = [{ index: 1, message: 'too long' }]
  expect(answerOf({ rowErrors })).toEqual({ code: 3, message: 'row 1: too long' })
  expect(answerOf({ rowErrors, error: { code: 3, message: 'Refused.' } })).toEqual({
    code: 3,
    message: 'Refused.; row 1: too long',
  })
})

test('an answer may say where the rows lie', () => {
  expect(answerOf({ appendResult: { offset: { value: '7' } }, rowErrors: [] })).toEqual({
    code: 0,
    message: '',
    offset: 7,
  })
  expect(answerOf({ appendResult: {} })).toEqual({ code: 0, message: '' })
})

const failed = (code: number, message: string) => codeOf(Object.assign(new Error(message), { code }))

test('an error without a code has that of what it says, one with a code keeps it', () => {
  expect(failed(2, '2 UNKNOWN: failed to find stream from projects/p/…')).toBe(5)
  expect(failed(2, '2 UNKNOWN: failed to append rows: failed to get stream from projects/p/…')).toBe(5)
  expect(failed(2, '2 UNKNOWN: failed to append rows: stream is already finalized')).toBe(6)
  expect(failed(2, '2 UNKNOWN: Stream removed')).toBe(2)
  expect(failed(14, 'failed to find stream from a busy server')).toBe(14)
})
