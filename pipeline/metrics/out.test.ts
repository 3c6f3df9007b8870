import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Delivery } from '../sources/delivery.ts'
import { message } from '../tests/sample-message.ts'
import { Out } from './out.ts'

/** A watched source: what it hands on, and what was done to the deliveries underneath. */
function watched() {
  const out = new Out()
  const handed: Delivery[] = []
  const done: string[] = []
  let deliver: ((delivery: Delivery) => void) | undefined
  const source = { failed: new Promise<never>(() => {}), close: async () => {} }
  out.watch((to) => {
    deliver = to
    return source
  })((delivery) => handed.push(delivery))
  const hand = (id: string, bytes: number, publishTime: number) =>
    deliver!({
      message: message('x'.repeat(bytes), { id, publishTime: new Date(publishTime).toISOString() }),
      ack: () => done.push(`ack ${id}`),
      nack: () => done.push(`nack ${id}`),
    })
  return { out, handed, done, hand }
}

test('a message is out until it is acknowledged or given back, and the source hears of both', () => {
  const { out, handed, done, hand } = watched()
  hand('1', 10, 2_000)
  hand('2', 5, 1_000)
  expect([out.messages, out.bytes, out.oldest, out.received]).toEqual([2, 15, 1_000, 2])
  handed[1]!.nack()
  handed[0]!.ack()
  expect([out.messages, out.bytes, out.oldest]).toEqual([0, 0, undefined])
  expect([out.received, out.acknowledged, out.givenBack]).toEqual([2, 1, 1])
  expect(done).toEqual(['nack 2', 'ack 1'])
})

test('in whichever order deliveries come and go, those that are out are counted', () => {
  const step = fc.tuple(fc.constantFrom('hand', 'ack', 'nack'), fc.nat({ max: 20 }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { out, handed, hand } = watched()
      const sizes = new Map<number, number>()
      let gone = 0
      for (const [action, n] of steps) {
        if (action === 'hand') {
          sizes.set(handed.length, n)
          hand('same', n, n * 1_000)
        } else if (handed[n]) {
          handed[n][action as 'ack' | 'nack']()
          if (sizes.delete(n)) gone += 1
        }
      }
      const left = [...sizes.values()]
      expect(out.messages).toBe(left.length)
      expect(out.bytes).toBe(left.reduce((a, b) => a + b, 0))
      expect(out.oldest).toBe(left.length === 0 ? undefined : Math.min(...left) * 1_000)
      expect(out.acknowledged + out.givenBack).toBe(gone)
    }),
  )
})
