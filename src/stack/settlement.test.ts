import { expect, test } from 'vitest'
import { Settlement } from './settlement.ts'

test('everything is settled when each published message was reported durable, in whatever order', async () => {
  const settlement = new Settlement()
  settlement.settle(['early'])
  settlement.publish('early')
  settlement.publish('late')
  const complete = settlement.complete(60_000)
  settlement.settle(['late', 'late'])
  expect(await complete).toBe(true)
  expect(settlement.settled).toBe(2)
})

test('waiting ends when nothing settles any more', async () => {
  const settlement = new Settlement()
  settlement.publish('lost')
  expect(await settlement.complete(1)).toBe(false)
})

test('neither a bundle that settles nothing nor one that is settled again keeps anybody waiting', async () => {
  const settlement = new Settlement()
  settlement.publish('lost')
  settlement.settle(['early'])
  const complete = settlement.complete(100)
  const retrying = setInterval(() => {
    settlement.settle([])
    settlement.settle(['early'])
  }, 20)
  expect(await complete).toBe(false)
  clearInterval(retrying)
  expect([settlement.published, settlement.outstanding]).toEqual([2, ['lost']])
})
