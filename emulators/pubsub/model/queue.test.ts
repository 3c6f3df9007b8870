import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Queue } from './queue.ts'

test('a queue gives what it got, first in, first out, over any sequence of uses', () => {
  const push = fc.record({ use: fc.constant('push' as const), count: fc.nat(1_500) })
  const shift = fc.record({ use: fc.constant('shift' as const), count: fc.nat(2_000) })
  const unshift = fc.record({ use: fc.constant('unshift' as const), count: fc.nat(5) })
  fc.assert(
    fc.property(fc.array(fc.oneof(push, shift, unshift), { maxLength: 12, size: 'max' }), (uses) => {
      const queue = new Queue<number>()
      const model: number[] = []
      let next = 0
      for (const { use, count } of uses) {
        const items = Array.from({ length: count }, () => next++)
        if (use === 'push') for (const item of items) queue.push(item)
        if (use === 'push') model.push(...items)
        if (use === 'unshift') queue.unshift(items)
        if (use === 'unshift') model.unshift(...items)
        if (use === 'shift') for (let i = 0; i < count; i++) expect(queue.shift()).toBe(model.shift())
        expect(queue.length).toBe(model.length)
        expect(queue.first()).toBe(model[0])
      }
      expect([...queue]).toEqual(model)
    }),
    { numRuns: 50 },
  )
})
