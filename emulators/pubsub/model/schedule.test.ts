import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Schedule } from './schedule.ts'

test('items fall due in the order of their times, each once, and the deleted ones never', () => {
  const additions = fc.array(fc.record({ time: fc.nat(20), deleted: fc.boolean() }), { maxLength: 300, size: 'max' })
  fc.assert(
    fc.property(additions, fc.nat(25), (given, now) => {
      const schedule = new Schedule<number>()
      for (const [item, { time }] of given.entries()) schedule.add(item, time)
      for (const [item, { time, deleted }] of given.entries()) if (deleted) schedule.delete(item, time)
      const left = [...given.entries()].filter(([, { deleted }]) => !deleted)
      const due = left.filter(([, { time }]) => time <= now).toSorted(([, a], [, b]) => a.time - b.time)
      expect([...schedule.takeDue(now)]).toEqual(due.map(([item]) => item))
      const rest = left.map(([, { time }]) => time).filter((time) => time > now)
      expect(schedule.next()).toBe(rest.length > 0 ? Math.min(...rest) : undefined)
    }),
  )
})

test('what is deleted while others fall due does not fall due', () => {
  const schedule = new Schedule<string>()
  for (const item of ['a', 'b', 'c']) schedule.add(item, 1)
  const due = []
  for (const item of schedule.takeDue(1)) {
    due.push(item)
    schedule.delete('b', 1)
  }
  expect(due).toEqual(['a', 'c'])
})
