import fc from 'fast-check'
import { expect, test } from 'vitest'
import { start, until } from '../tests/local-run.ts'
import { message, order } from '../tests/sample-message.ts'

const PUBLISHED = Date.parse('2024-01-15T10:30:00Z')

/** An order that was published at that time, and happened so many seconds before. */
const lateOrder = (id: string, seconds: number) =>
  message(
    { ...order, order_date: new Date(PUBLISHED - seconds * 1000).toISOString() },
    { id, publishTime: new Date(PUBLISHED).toISOString() },
  )

test('whatever lateness is allowed, each message becomes a row or a dead letter, the same in any order', async () => {
  const seconds = fc.option(fc.integer({ min: 0, max: 400 }), { nil: undefined })
  const latenesses = fc.array(fc.integer({ min: -400, max: 400 }), { minLength: 1, maxLength: 25 })
  const run = async (order: readonly { id: string; late: number }[], late?: number, early?: number) => {
    const { run, clock, subscription, ids } = start({
      limits: { maxMessages: 7, maxBytes: 1e6, maxWaitMs: 100 },
      timeBounds: {
        ...(late !== undefined && { allowedLatenessSeconds: late }),
        ...(early !== undefined && { allowedEarlinessSeconds: early }),
      },
    })
    await using _ = run
    // Some come twice.
    subscription.publish([...order, ...order.slice(0, 3)].map(({ id, late }) => lateOrder(id, late)))
    await until(clock, () => subscription.acked.length === order.length + Math.min(3, order.length))
    return { rows: ids('orders').sort(), letters: ids('dead_letters').sort() }
  }
  await fc.assert(
    fc.asyncProperty(latenesses, seconds, seconds, fc.gen(), async (all, late, early, gen) => {
      const events = all.map((late, i) => ({ id: `${i}`, late }))
      const isIn = (lateness: number) => lateness <= (late ?? Infinity) && -lateness <= (early ?? Infinity)
      const shuffled = gen(fc.shuffledSubarray, events, { minLength: events.length })
      const outcome = await run(events, late, early)
      expect(outcome.rows).toEqual(
        events
          .filter((e) => isIn(e.late))
          .map(({ id }) => id)
          .sort(),
      )
      expect(outcome.letters).toEqual(
        events
          .filter((e) => !isIn(e.late))
          .map(({ id }) => id)
          .sort(),
      )
      expect(await run(shuffled, late, early)).toEqual(outcome)
    }),
    { numRuns: 30 },
  )
})
