import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Clock, manualClock } from '../../clock/index.ts'
import type { Step } from '../sinks/in-memory.ts'
import { activityMessage, orderMessage, start, until } from '../tests/local-run.ts'

const wait = (clock: Clock, ms: number) => new Promise<void>((resolve) => clock.at(clock.now() + ms, resolve))

test('an event whose row is durable is acknowledged while another table hangs', async () => {
  const hanging = Promise.withResolvers<void>()
  const step: Step = (operation, phase, on) =>
    operation === 'append' && phase === 'before' && on === 'orders' ? hanging.promise : undefined
  const { run, clock, subscription, reports } = start({ step })
  await using _ = run
  subscription.publish([orderMessage('o'), activityMessage('a')])
  const began = clock.now()
  await until(clock, () => subscription.acked.length === 1)
  expect(subscription.acked).toEqual(['a'])
  expect(clock.now() - began).toBeLessThan(6_000)
  hanging.resolve()
  await until(clock, () => subscription.acked.length === 2)
  expect(reports.map(({ settled }) => settled)).toEqual([['a'], ['o']])
  expect(reports.map(({ rows }) => rows)).toEqual([{ user_activity: 1 }, { orders: 1 }])
})

test('while a table hangs for a minute at full load the others flow, and what waits for it stays within its bounds', async () => {
  const clock = manualClock()
  const hangsUntil = clock.now() + 60_000
  const step: Step = async (operation, phase, on) => {
    if (operation !== 'append' || phase !== 'before' || on !== 'orders' || clock.now() > hangsUntil) return
    await wait(clock, 30_000)
    throw new Error('DEADLINE_EXCEEDED')
  }
  const { run, subscription, ids, reports } = start({
    clock,
    step,
    bundlesAtOnce: 3,
    limits: { maxMessages: 20, maxBytes: 1e6, maxWaitMs: 100 },
    mostWaiting: { messages: 80, bytes: 1e6 },
  })
  subscription.most = 160
  const published: string[] = []
  const publish = (count: number, make: typeof orderMessage) => {
    const ids = Array.from({ length: count }, (_, i) => `${published.length + i}`)
    published.push(...ids)
    subscription.publish(ids.map((id) => make(id)))
  }
  let longestSilence = 0
  let lastAck = clock.now()
  let acked = 0
  publish(320, orderMessage)
  publish(20, activityMessage)
  while (clock.now() < hangsUntil) {
    clock.advance(250)
    await turn()
    const more = subscription.acked.length - acked
    if (more > 0) lastAck = clock.now()
    longestSilence = Math.max(longestSilence, clock.now() - lastAck)
    acked += more
    publish(Math.min(more, 20), activityMessage)
  }
  expect(ids('orders')).toEqual([])
  expect(acked).toBeGreaterThan(2_000)
  expect(longestSilence).toBeLessThan(6_000)
  await until(clock, () => subscription.acked.length === published.length, 500)
  expect([...ids('orders'), ...ids('user_activity')].sort()).toEqual(published.toSorted())
  expect(reports.flatMap(({ messageIds }) => messageIds).sort()).toEqual(published.toSorted())
  await run[Symbol.asyncDispose]()
})

test('a table that is always slow gets its rows, and holds up no other', async () => {
  const clock = manualClock()
  const step: Step = async (operation, phase, on) => {
    if (operation === 'append' && phase === 'after' && on === 'orders') await wait(clock, 8_000)
  }
  const { run, subscription } = start({ clock, step, limits: { maxMessages: 10, maxBytes: 1e6, maxWaitMs: 100 } })
  await using _ = run
  const many = (make: typeof orderMessage, prefix: string) =>
    Array.from({ length: 60 }, (_, i) => make(`${prefix}${i}`))
  subscription.publish([...many(orderMessage, 'o'), ...many(activityMessage, 'a')])
  await until(clock, () => subscription.acked.length === 120)
  expect(subscription.acked.slice(0, 60).every((id) => id.startsWith('a'))).toBe(true)
})

test('a bucket that is slow settles its events once it has their file', async () => {
  const clock = manualClock()
  const step: Step = async (operation, phase) => {
    if (operation === 'create' && phase === 'after') await wait(clock, 12_000)
  }
  const { run, subscription, ids, bucket } = start({ clock, step })
  await using _ = run
  subscription.publish([orderMessage('1')])
  await until(clock, () => subscription.acked.length === 1)
  expect([ids('orders'), bucket.files.size]).toEqual([['1'], 1])
})

test('disposing gives back what a sink holds for too long, and says so', async () => {
  const told: object[] = []
  const log = { info() {}, warn: (fields: object) => void told.push(fields), error() {} }
  const clock = manualClock()
  const step: Step = (operation) => (operation === 'append' ? new Promise(() => {}) : undefined)
  const { run, subscription } = start({ clock, step, log })
  subscription.publish([orderMessage('1'), orderMessage('2')])
  await until(clock, () => subscription.out === 2)
  clock.advance(200)
  await turn()
  const began = clock.now()
  let disposed = false
  void run[Symbol.asyncDispose]().then(() => {
    disposed = true
  })
  await until(clock, () => disposed)
  expect(clock.now() - began).toBeLessThan(10_000)
  expect(subscription.nacked.sort()).toEqual(['1', '2'])
  expect(told).toEqual([{ messages: 2 }])
})

type Trouble = 'none' | 'error' | 'hangs'

test('whatever sinks do, each message is acknowledged, has its one row, and is in one report before that', async () => {
  const troubles = fc.array(fc.constantFrom<Trouble>('none', 'none', 'error', 'hangs'), { maxLength: 60, size: 'max' })
  await fc.assert(
    fc.asyncProperty(troubles, fc.integer({ min: 1, max: 40 }), async (coming, count) => {
      const clock = manualClock()
      const reported = new Set<string>()
      const twice: string[] = []
      const step: Step = async () => {
        const trouble = coming.shift()
        if (trouble === 'error') throw new Error('503')
        if (trouble === 'hangs') await wait(clock, 7_000)
      }
      const { run, subscription, ids } = start({
        clock,
        step,
        limits: { maxMessages: 5, maxBytes: 1e6, maxWaitMs: 100 },
        mostWaiting: { messages: 12, bytes: 1e6 },
        onBundle({ messageIds }) {
          for (const id of messageIds) {
            if (reported.has(id) || subscription.acked.includes(id)) twice.push(id)
            reported.add(id)
          }
        },
      })
      await using _ = run
      const wanted = Array.from({ length: count }, (_, i) => `${i}`).sort()
      subscription.publish(wanted.map((id, i) => (i % 3 ? orderMessage(id) : activityMessage(id))))
      await until(clock, () => subscription.acked.length === count, 500)
      expect([...ids('orders'), ...ids('user_activity')].sort()).toEqual(wanted)
      expect([...reported].sort()).toEqual(wanted)
      expect(twice).toEqual([])
    }),
    { numRuns: 60 },
  )
})
