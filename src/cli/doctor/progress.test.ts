import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Progress } from './progress.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function terminal(isTTY: boolean) {
  const written: string[] = []
  return { isTTY, written, write: (text: string) => void written.push(text) }
}

test('after a second, and not before, it says what is awaited, and takes that back in the end', () => {
  const screen = terminal(true)
  {
    using progress = new Progress(screen)
    for (const name of ['Pub/Sub', 'BigQuery']) progress.start(name)
    progress.end('BigQuery')
    vi.advanceTimersByTime(999)
    expect(screen.written).toEqual([])
    vi.advanceTimersByTime(1)
    expect(screen.written).toEqual(['\r\x1b[K1 checks done, waiting for Pub/Sub'])
    progress.start('a name that is long, '.repeat(5))
    vi.advanceTimersByTime(200)
    expect(screen.written[1]!.length).toBeLessThanOrEqual(80 + '\r\x1b[K'.length)
  }
  expect(screen.written.at(-1)).toBe('\r\x1b[K')
})

test('a file gets no progress', () => {
  const file = terminal(false)
  using progress = new Progress(file)
  progress.start('Pub/Sub')
  vi.advanceTimersByTime(5_000)
  expect(file.written).toEqual([])
})
