/** Loaded before each test file: the run fails when anything in it tried to leave this machine, even if it coped. */
import { afterAll, expect } from 'vitest'
import { stayOnThisMachine } from './guard.ts'

const attempts: Error[] = []
stayOnThisMachine((error) => attempts.push(error))

afterAll(() => {
  expect(
    attempts.map(({ stack }) => stack),
    'connections to other machines',
  ).toEqual([])
})

/** For the guard's own test: what was tried so far, forgotten. */
export const takeAttempts = () => attempts.splice(0)
