import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Clock, manualClock } from '../clock/index.ts'
import type { BundleReport } from './outcome.ts'
import type { Step } from './sinks/in-memory.ts'
import { orderMessage, start, until } from './tests/local-run.ts'
import { message, order } from './tests/sample-message.ts'

const wait = (clock: Clock, ms: number) => new Promise<void>((resolve) => clock.at(clock.now() + ms, resolve))
const total = (reports: readonly BundleReport[], read: (report: BundleReport) => number) =>
  reports.reduce((sum, report) => sum + read(report), 0)
const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0)

test('a part that a slow sink holds up is told later, as a bundle of its own', async () => {
  const hanging = Promise.withResolvers<void>()
  const step: Step = (operation, phase) => (operation === 'append' && phase === 'before' ? hanging.promise : undefined)
  const { run, clock, subscription, reports } = start({ step })
  await using _ = run
  subscription.publish([orderMessage('1'), orderMessage('2')])
  await until(clock, () => reports.length === 1)
  hanging.resolve()
  await until(clock, () => subscription.acked.length === 2)
  const [bundle, part] = reports
  expect(bundle).toMatchObject({ received: 0, rawLines: 2, rows: {}, settled: [], files: [{ lines: 2, rows: 0 }] })
  expect(part).toMatchObject({ received: 2, rawLines: 0, rows: { orders: 2 }, files: [{ lines: 0, rows: 2 }] })
  expect(part!.bundle).toBe(`${bundle!.bundle}.1`)
  expect(part!.duplicates + bundle!.duplicates).toBe(0)
})

test('whichever calls fail or are slow, the reports add up to what was published', async () => {
  const event = fc.record({ id: fc.integer({ min: 0, max: 5 }), broken: fc.boolean() })
  const weather = fc.array(fc.constantFrom('fair', 'fair', 'fails', 'slow'), { maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 25 }), weather, async (published, changes) => {
      const clock = manualClock()
      const left = [...changes]
      const step: Step = async (_operation, phase) => {
        if (phase === 'after') return
        const now = left.shift()
        if (now === 'slow') await wait(clock, 6_000)
        if (now === 'fails') throw new Error('503')
      }
      const { run, subscription, reports } = start({
        clock,
        step,
        limits: { maxMessages: 5, maxBytes: 1e6, maxWaitMs: 100 },
      })
      subscription.publish(
        published.map(({ id, broken }, i) =>
          message(broken ? '{' : order, { id: `m${i}`, attributes: { event_id: `${broken ? 'b' : 'o'}${id}` } }),
        ),
      )
      await until(clock, () => subscription.acked.length === published.length, 100)
      const events = (broken: boolean) => new Set(published.filter((one) => one.broken === broken).map(({ id }) => id))
      const [orders, letters] = [events(false).size, events(true).size]
      expect(total(reports, ({ rows }) => sum(rows))).toBe(orders)
      expect(total(reports, ({ deadLetters }) => sum(deadLetters))).toBe(letters)
      expect(total(reports, ({ rawLines }) => rawLines)).toBe(orders + letters)
      expect(total(reports, ({ files }) => files.reduce((lines, file) => lines + file.lines, 0))).toBe(orders + letters)
      expect(total(reports, ({ files }) => files.reduce((rows, file) => rows + file.rows, 0))).toBe(orders + letters)
      expect(total(reports, ({ duplicates }) => duplicates)).toBe(published.length - orders - letters)
      expect(total(reports, ({ messageIds }) => messageIds.length)).toBe(published.length)
      expect(total(reports, ({ latencies }) => latencies.length)).toBe(published.length)
      for (const { failures, retried, received, messageIds } of reports) {
        expect(failures.reduce((messages, failure) => messages + failure.messages, 0)).toBe(retried)
        expect(received).toBe(retried + messageIds.length)
      }
      expect(new Set(reports.map(({ bundle }) => bundle)).size).toBe(reports.length)
      await run[Symbol.asyncDispose]()
    }),
    { numRuns: 60 },
  )
}, 60_000)
