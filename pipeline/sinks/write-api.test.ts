import { expect, test } from 'vitest'
import { answerOf } from './write-api.ts'

test('row errors are a refusal, with an error beside them or without', () => {
  const rowErrors = [{ index: 1, message: 'too long' }]
  expect(answerOf({ rowErrors })).toEqual({ code: 3, message: 'row 1: too long' })
  expect(answerOf({ rowErrors, error: { code: 3, message: 'Refused.' } })).toEqual({
    code: 3,
    message: 'Refused.; row 1: too long',
  })
  expect(answerOf({ appendResult: { offset: { value: 0 } }, rowErrors: [] })).toEqual({ code: 0, message: '' })
})
