/** For setup.test.ts: a suite whose code copes with what the guard refuses. */
import { describe, expect, test } from 'vitest'

const tell = (host: string) => fetch(`http://${host}/`).catch(() => 'coped')

describe('a producer', () => {
  test('stays', async () => {
    expect(await tell('127.0.0.1:59999')).toBe('coped')
  })

  test('tells somebody', async () => {
    expect(await tell('192.0.2.1')).toBe('coped')
  })
})
