import { expect, test } from 'vitest'
import { isReconciled } from '../../src/outputs/index.ts'
import { planOf } from './plan.ts'
import { storm } from './storm.ts'

test('the seeds bring everything that may go wrong', () => {
  const plans = Array.from({ length: 50 }, (_, i) => planOf(i + 1))
  const kinds = new Set(
    plans.flatMap(({ acts }) => acts.map((act) => (act.kind === 'acks are lost' ? act.when : act.kind))),
  )
  expect([...kinds].sort()).toEqual([
    'after',
    'before',
    'drop connections',
    'kill',
    'leases expire',
    'make what is missing',
    'outage',
  ])
  const choices = new Set(plans.flatMap(({ exactlyOnce, pipelines, missing }) => [exactlyOnce, pipelines, missing]))
  expect(choices).toEqual(new Set([true, false, 1, 2, 'nothing', 'the bucket', 'the tables']))
})

test('a storm loses nothing and repeats nothing, and its pipelines end well', async () => {
  const { reconciliation, ends } = await storm(2, 500)
  expect(reconciliation).toMatchObject({ missing: [], duplicated: [] })
  expect(isReconciled(reconciliation)).toBe(true)
  expect(new Set(ends)).toEqual(new Set([0]))
}, 60_000)
