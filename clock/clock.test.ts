import { expect, test } from 'vitest'
import { manualClock, systemClock } from './index.ts'

test('a manual clock calls back in order of time, each at its own time', () => {
  const clock = manualClock(1_000)
  const calls: [string, number][] = []
  clock.at(1_020, () => calls.push(['late', clock.now()]))
  clock.at(1_010, () => calls.push(['early', clock.now()]))
  clock.at(1_031, () => calls.push(['not yet', clock.now()]))
  clock.advance(30)
  expect(calls).toEqual([
    ['early', 1_010],
    ['late', 1_020],
  ])
  expect(clock.now()).toBe(1_030)
})

test('what a callback asks for falls due in the same move', () => {
  const clock = manualClock(0)
  const times: number[] = []
  const again = () => {
    times.push(clock.now())
    clock.at(clock.now() + 10, again)
  }
  clock.at(10, again)
  clock.advance(35)
  expect(times).toEqual([10, 20, 30])
})

test('a cancelled callback never comes', () => {
  const clock = manualClock()
  let called = false
  clock.at(clock.now() + 1, () => {
    called = true
  })()
  clock.advance(10)
  expect(called).toBe(false)
})

test('the system clock calls back at a time that has already passed', async () => {
  await new Promise<void>((resolve) => {
    systemClock.at(systemClock.now() - 1, resolve)
  })
})
