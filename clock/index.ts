/**
 * Time as a dependency. Whatever has a deadline is given a Clock, so that a test can move time by hand.
 *
 * All times are milliseconds since the Unix epoch.
 */
export interface Clock {
  now(): number
  /** Calls back once, when `time` has come, never before this call returns. The result cancels it. */
  at(time: number, callback: () => void): () => void
}

/** setTimeout cannot wait longer: beyond this it fires at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

/** The real time. A pending callback does not keep the process alive. */
export const systemClock: Clock = {
  now: Date.now,
  at(time, callback) {
    let timer: NodeJS.Timeout
    const wait = () => {
      const left = time - Date.now()
      timer = left > LONGEST_TIMEOUT_MS ? setTimeout(wait, LONGEST_TIMEOUT_MS) : setTimeout(callback, Math.max(0, left))
      timer.unref()
    }
    wait()
    return () => clearTimeout(timer)
  },
}

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Moves time forward and calls back, in order of time, whatever falls due on the way. */
  advance(ms: number): void
}

export function manualClock(start = Date.parse('2024-01-15T00:00:00Z')): ManualClock {
  let now = start
  const waiting = new Set<{ time: number; callback: () => void }>()
  const nextDue = (until: number) =>
    [...waiting]
      .filter(({ time }) => time <= until)
      .reduce<{ time: number; callback: () => void } | undefined>(
        (first, entry) => (first && first.time <= entry.time ? first : entry),
        undefined,
      )
  return {
    now: () => now,
    at(time, callback) {
      const entry = { time, callback }
      waiting.add(entry)
      return () => waiting.delete(entry)
    },
    advance(ms) {
      const until = now + ms
      for (let due = nextDue(until); due; due = nextDue(until)) {
        waiting.delete(due)
        now = Math.max(now, due.time)
        due.callback()
      }
      now = until
    },
  }
}
