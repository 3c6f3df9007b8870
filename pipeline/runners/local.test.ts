import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { manualClock } from '../../clock/index.ts'
import type { Step } from '../sinks/in-memory.ts'
import { activityMessage, orderMessage, start, until } from '../tests/local-run.ts'
import { message, order } from '../tests/sample-message.ts'

test('messages of all kinds end as rows, raw files and dead letters, and the report says how many', async () => {
  const { run, clock, subscription, reports, ids, bucket } = start()
  await using _ = run
  subscription.deliver(orderMessage('1'))
  subscription.deliver(orderMessage('2', { order_date: '2024-01-15T10:31:00Z', coupon: 1, gift: true }))
  subscription.deliver(activityMessage('3'))
  subscription.deliver(message(order, { id: '4', attributes: { event_id: '1' } }))
  subscription.deliver(message('{nope', { id: '5' }))
  subscription.deliver(message({ ...order, status: 'lost' }, { id: '6' }))
  await until(clock, () => subscription.acked.length === 6)
  expect(reports).toEqual([
    {
      bundle: expect.stringMatching(/^lre5s000i000-1$/),
      received: 6,
      rows: { orders: 2, user_activity: 1 },
      rawLines: 5,
      rawFiles: 4,
      deadLetters: { not_json: 1, invalid_value: 1 },
      duplicates: 1,
      unknownFields: 2,
      retried: 0,
      failures: [],
      seconds: expect.any(Number),
      stages: { rawFiles: expect.any(Number), rows: expect.any(Number) },
      files: expect.arrayContaining([
        { name: expect.stringMatching(/order_202401151030001/), stream: expect.any(String), lines: 1, rows: 1 },
      ]),
      latencies: Array(6).fill(0), // published after what the clock says now
      settled: ['1', '2', '3', '5', '6'],
      messageIds: ['1', '2', '3', '4', '5', '6'],
      unsettled: [],
    },
  ])
  expect(ids('orders')).toEqual(['1', '2'])
  expect([...bucket.files.keys()].sort()).toEqual([
    'output/_dead_letter/2024/01/15/10/31/_dead_letter_202401151031001.json',
    'output/order/2024/01/15/10/30/order_202401151030001.json',
    'output/order/2024/01/15/10/31/order_202401151031001.json',
    'output/user_activity/2024/01/15/10/30/user_activity_202401151030001.json',
  ])
})

test('events of the first and the last year that BigQuery has get their files', async () => {
  const { run, clock, subscription, bucket } = start()
  await using _ = run
  subscription.deliver(orderMessage('1', { order_date: '0001-01-01T00:00:00Z' }))
  subscription.deliver(orderMessage('2', { order_date: '9999-12-31T23:59:59.999999999Z' }))
  await until(clock, () => subscription.acked.length === 2)
  expect([...bucket.files.keys()].sort()).toEqual([
    'output/order/0001/01/01/00/00/order_000101010000001.json',
    'output/order/9999/12/31/23/59/order_999912312359001.json',
  ])
})

test('a bundle runs when it is full, before its time', async () => {
  const { run, subscription, reports } = start({ limits: { maxMessages: 3, maxBytes: 1e6, maxWaitMs: 1e9 } })
  for (let i = 0; i < 7; i++) subscription.deliver(orderMessage(`${i}`))
  while (subscription.acked.length < 6) await turn()
  expect(reports.map(({ received }) => received)).toEqual([3, 3])
  await run[Symbol.asyncDispose]()
  expect(subscription.nacked).toEqual(['6'])
})

test('a bundle is settled in the report before any of its messages is acknowledged', async () => {
  const seen: string[][] = []
  const { run, clock, subscription } = start({
    onBundle: ({ settled }) => void seen.push([...settled, ...subscription.acked]),
  })
  await using _ = run
  subscription.deliver(orderMessage('1'))
  await until(clock, () => subscription.acked.length === 1)
  expect(seen).toEqual([['1']])
})

test('while a table is missing its messages wait, and everything else goes on', async () => {
  let missing = true
  const { run, clock, subscription, ids, reports } = start({
    step(operation, phase) {
      if (operation === 'append' && phase === 'before' && missing) throw new Error('503')
    },
  })
  await using _ = run
  subscription.deliver(orderMessage('1'))
  await until(clock, () => reports.length >= 3)
  expect(reports[0]).toMatchObject({
    retried: 1,
    rawLines: 1,
    rows: {},
    settled: [],
    unsettled: ['1'],
    failures: [{ cause: 'transient', code: 'UNKNOWN', error: '503', messages: 1 }],
    files: [{ lines: 1, rows: 0 }],
  })
  expect(subscription.acked).toEqual([])
  expect(subscription.nacked).toEqual([])
  missing = false
  await until(clock, () => subscription.acked.length === 1)
  expect(ids('orders')).toEqual(['1'])
  expect(reports.at(-1)).toMatchObject({ rawLines: 0, rows: { orders: 1 }, files: [{ lines: 0, rows: 1 }] })
  expect(reports.map(({ duplicates }) => duplicates)).toEqual(reports.map(() => 0))
})

test('a repeated publish that has to be tried again is one duplicate', async () => {
  let missing = true
  const { run, clock, subscription, reports } = start({
    step(operation, phase) {
      if (operation === 'append' && phase === 'before' && missing) throw new Error('503')
    },
  })
  await using _ = run
  for (const id of ['1', '2', '3']) subscription.deliver(message(order, { id, attributes: { event_id: 'same' } }))
  await until(clock, () => reports.length >= 3)
  missing = false
  await until(clock, () => subscription.acked.length === 3)
  expect(reports.map(({ duplicates }) => duplicates)).toEqual([2, ...reports.slice(1).map(() => 0)])
})

test('the time from publish to row is that of the clock, retries included', async () => {
  const { run, clock, subscription, reports } = start()
  await using _ = run
  clock.advance(12 * 3_600_000)
  const ago = (ms: number) => new Date(clock.now() - ms).toISOString()
  subscription.deliver(message(order, { id: '1', publishTime: ago(7_000) }))
  subscription.deliver(message(order, { id: '2', publishTime: ago(61_500) }))
  const before = clock.now()
  await until(clock, () => reports.length === 1)
  const spent = (clock.now() - before) / 1_000
  expect(reports[0]!.latencies).toHaveLength(2)
  for (const [i, seconds] of [7, 61.5].entries()) {
    expect(reports[0]!.latencies[i]).toBeGreaterThanOrEqual(seconds)
    expect(reports[0]!.latencies[i]).toBeLessThanOrEqual(seconds + spent)
  }
})

test('one group that fails holds up no other, and is no failure of the bundle', async () => {
  const errors: string[] = []
  const log = { info() {}, warn() {}, error: (_fields: object, text: string) => void errors.push(text) }
  const { run, clock, subscription, reports, tables } = start({ log })
  await using _ = run
  const { create } = tables
  tables.create = async (table) => {
    if (table.table === 'orders') throw new Error('NOT_FOUND')
    return create.call(tables, table)
  }
  for (let i = 0; i < 4; i++) subscription.deliver(i % 2 ? activityMessage(`a${i}`) : orderMessage(`o${i}`))
  await until(clock, () => reports.length > 3)
  expect(subscription.acked.sort()).toEqual(['a1', 'a3'])
  tables.create = create
  await until(clock, () => subscription.acked.length === 4)
  expect(errors).toEqual([])
})

test('a failure that does not mend itself becomes loud', async () => {
  const levels: string[] = []
  const log = { info() {}, warn: () => void levels.push('warn'), error: () => void levels.push('error') }
  const step: Step = (operation) => {
    if (operation === 'append') throw new Error('Schema mismatch.')
  }
  const { run, clock, subscription } = start({ log, step })
  subscription.deliver(orderMessage('1'))
  await until(clock, () => levels.length === 7)
  expect(levels).toEqual(['warn', 'warn', 'warn', 'warn', 'warn', 'error', 'error'])
  await run[Symbol.asyncDispose]()
})

test('a refusal that somebody has to mend is told at once with what to mend, tried again slowly, and never dropped', async () => {
  const told: object[] = []
  const log = { info() {}, warn() {}, error: (fields: object) => void told.push(fields) }
  const times: number[] = []
  let refuses = true
  const clock = manualClock()
  const step: Step = (operation, phase, on) => {
    if (operation !== 'append' || phase === 'after' || on !== 'orders' || !refuses) return
    times.push(clock.now())
    throw Object.assign(new Error('Schema mismatch.'), { code: 3 })
  }
  const { run, subscription, ids } = start({ clock, log, step })
  await using _ = run
  subscription.publish([orderMessage('o'), activityMessage('a')])
  await until(clock, () => times.length === 3, 200)
  expect(subscription.acked).toEqual(['a'])
  expect(subscription.nacked).toEqual([])
  expect(told[0]).toMatchObject({ attempt: 1, mend: expect.stringContaining('sluice tables plan') })
  expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(30_000)
  expect(times[1]! - times[0]!).toBeLessThan(31_000)
  refuses = false
  await until(clock, () => subscription.acked.length === 2, 200)
  expect(ids('orders')).toEqual(['o'])
})

test('a failure is tried again later and later, in random steps', async () => {
  const times: number[] = []
  const { run, clock, subscription } = start({
    step(operation, phase) {
      if (operation !== 'createStream' || phase === 'after') return
      times.push(clock.now())
      throw new Error('503')
    },
  })
  subscription.deliver(orderMessage('1'))
  await until(clock, () => times.length === 5)
  const waits = times.slice(1).map((time, i) => time - times[i]!)
  // 500 ms × 2^n × 0.75, and 100 ms for the bundle to fill.
  for (const [i, wait] of waits.entries()) expect(Math.abs(wait - (375 * 2 ** i + 100))).toBeLessThanOrEqual(60)
  await run[Symbol.asyncDispose]()
  expect(subscription.nacked).toEqual(['1'])
})

test('beyond what may wait for another attempt, messages are given back', async () => {
  let failing = true
  const { run, clock, subscription, ids } = start({
    mostWaiting: { messages: 2, bytes: 1024 * 1024 },
    step(operation) {
      if (operation === 'create' && failing) throw new Error('503')
    },
  })
  await using _ = run
  subscription.deliver(orderMessage('1'))
  subscription.deliver(orderMessage('2'))
  await until(clock, () => subscription.nacked.length > 1)
  failing = false
  await until(clock, () => subscription.acked.length === 2)
  expect(ids('orders').sort()).toEqual(['1', '2'])
})

test('a message that breaks the graph itself is found by halving, and the others arrive', async () => {
  const { run, clock, subscription, ids } = start()
  for (let i = 0; i < 8; i++) subscription.deliver(orderMessage(`${i}`))
  subscription.deliver(message('{', { id: 'broken', publishTime: 'never' }))
  await until(clock, () => subscription.acked.length === 8)
  expect(ids('orders').sort()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
  await run[Symbol.asyncDispose]()
  expect(subscription.nacked).toEqual(['broken'])
})

test('what fails for long does not slow down what fails for a moment in the same bundle', async () => {
  const clock = manualClock()
  const orders: number[] = []
  const activities: number[] = []
  const step: Step = (operation, phase, on) => {
    if (operation !== 'append' || phase === 'after') return
    const times = on === 'orders' ? orders : activities
    times.push(clock.now())
    if (on === 'orders' || times.length === 1) throw new Error('503')
  }
  const { run, subscription } = start({ clock, step })
  subscription.publish([orderMessage('o')])
  await until(clock, () => orders.length === 7)
  clock.advance(22_480) // of the 22.5 s until it is tried again
  subscription.publish([activityMessage('a')])
  await until(clock, () => subscription.acked.includes('a'))
  expect(orders.at(-1)).toBe(activities[0])
  expect(clock.now() - activities[0]!).toBeLessThan(1_000)
  await run[Symbol.asyncDispose]()
})

test('if the report is refused nothing is acknowledged, and it is reported again', async () => {
  let refusals = 2
  const { run, clock, subscription, ids } = start({
    onBundle() {
      if (refusals-- > 0) throw new Error('The disk is full.')
    },
  })
  await using _ = run
  subscription.deliver(orderMessage('1'))
  await until(clock, () => subscription.acked.length === 1)
  expect(refusals).toBe(-1)
  expect(ids('orders')).toEqual(['1'])
})

test('disposing finishes the bundle that runs, acknowledges it, and gives back what comes after', async () => {
  const gate = Promise.withResolvers<void>()
  const { run, clock, subscription, ids } = start({ step: () => gate.promise })
  subscription.deliver(orderMessage('1'))
  await until(clock, () => true)
  clock.advance(100)
  const disposed = run[Symbol.asyncDispose]()
  subscription.deliver(orderMessage('2'))
  gate.resolve()
  await disposed
  await run.stopped
  expect(subscription.acked).toEqual(['1'])
  expect(subscription.nacked).toEqual(['2'])
  expect(ids('orders')).toEqual(['1'])
})

test('the same message delivered twice into one bundle is acknowledged twice and written once', async () => {
  const { run, clock, subscription, ids, reports } = start()
  await using _ = run
  subscription.deliver(orderMessage('1'))
  subscription.deliver(orderMessage('1'))
  await until(clock, () => subscription.acked.length === 2)
  expect(ids('orders')).toEqual(['1'])
  expect(reports).toMatchObject([{ received: 2, duplicates: 1, settled: ['1'] }])
})

test('bundles run side by side, and events of one minute in both still land once', async () => {
  const { run, clock, subscription, ids, bucket } = start({ limits: { maxMessages: 2, maxBytes: 1e6, maxWaitMs: 10 } })
  await using _ = run
  for (let i = 0; i < 40; i++)
    subscription.deliver(message(order, { id: `m${i}`, attributes: { event_id: `e${i % 10}` } }))
  await until(clock, () => subscription.acked.length === 40)
  expect(ids('orders').sort()).toEqual(Array.from({ length: 10 }, (_, i) => `e${i}`))
  const lines = [...bucket.files.values()].flatMap(({ content }) => content.trim().split('\n'))
  expect(lines).toHaveLength(10)
})

test('a source that fails for good is reported', async () => {
  const { run, subscription } = start()
  subscription.failure.reject(new Error('No such subscription.'))
  await expect(run.stopped).rejects.toThrow('No such subscription.')
  await run[Symbol.asyncDispose]()
})
