/**
 * `sluice/testing/setup`, for vitest's `setupFiles`: registers the matchers, and fails each test in which something tries
 * to leave this machine, also where the code under test copes with it.
 */
import { afterAll, afterEach, expect } from 'vitest'
import { matchers } from './matchers.ts'
import { stayOffline, takeAttempts } from './offline.ts'

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /** Each event that the stack's topic has taken is there once, and as it was sent. */
    toReconcile(): Promise<void>
    /** A row of the table has these values, whatever else it has. Decimals and instants are compared by value. */
    toHaveRow(table: string, columns: Record<string, unknown>): Promise<void>
    /** The stack has written what the fixture expects that was published with `stack.replay(folder)`. */
    toMatchFixture(folder: string): Promise<void>
  }
}

expect.extend(matchers)

const offline = stayOffline({ test: () => expect.getState().currentTestName })

const complain = () => {
  const attempts = takeAttempts()
  if (attempts.length === 1) throw attempts[0]
  if (attempts.length > 1) throw new AggregateError(attempts, attempts.map(({ message }) => message).join('\n'))
}
afterEach(complain)
afterAll(() => {
  offline[Symbol.dispose]()
  complain()
})
