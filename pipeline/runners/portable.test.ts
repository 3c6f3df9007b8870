import type { WindowingStrategy } from 'apache-beam/proto/beam_runner_api'
import { expect, test } from 'vitest'
import { messageFile } from '../sources/message-file.ts'
import { dockerImage, externalPool, type PortableOptions, portablePipeline } from './portable.ts'

async function built(options: Partial<PortableOptions> = {}) {
  const source = messageFile('/messages.ndjson')
  const { components } = await portablePipeline({
    source,
    environment: externalPool('h:1'),
    panes: 'at once',
    bounds: {},
    ...options,
  })
  return components!
}

const minutes = async (panes: PortableOptions['panes']): Promise<WindowingStrategy> =>
  Object.values((await built({ panes })).windowingStrategies).find(({ windowFn }) => windowFn?.urn.includes('fixed'))!

test('the graph is the same as in this process, behind another source', async () => {
  const { transforms } = await built()
  expect(Object.values(transforms).map(({ uniqueName }) => uniqueName)).toEqual([
    'impulse',
    'fileMessages',
    'decode',
    'events',
    'deadLetters',
    'flatten',
    'minuteOfKey',
    'minutes',
    'groupByKey',
    'writeRawFiles',
    'writeRows',
  ])
})

test('all of our stages are for the workers that the options name', async () => {
  const urns = async (environment: PortableOptions['environment']) =>
    Object.values((await built({ environment })).environments).map(({ urn, payload }) => [
      urn,
      String(Buffer.from(payload)),
    ])
  expect(await urns(externalPool('127.0.0.1:4711'))).toEqual([
    ['beam:env:external:v1', expect.stringContaining('127.0.0.1:4711')],
  ])
  expect(await urns(dockerImage('example.com/worker:1'))).toEqual([
    ['beam:env:docker:v1', expect.stringContaining('example.com/worker:1')],
  ])
})

test('a minute is handed on again and again, never empty, each event once, however late', async () => {
  const { trigger, allowedLateness, accumulationMode, closingBehavior, onTimeBehavior } = await minutes({
    everyMs: 1500,
  })
  const { subtrigger } = (trigger!.trigger as { repeat: { subtrigger: typeof trigger } }).repeat
  expect(subtrigger!.trigger).toMatchObject({
    afterProcessingTime: { timestampTransforms: [{ timestampTransform: { delay: { delayMillis: 1500n } } }] },
  })
  // DISCARDING, EMIT_IF_NONEMPTY, FIRE_IF_NONEMPTY
  expect([accumulationMode, closingBehavior, onTimeBehavior]).toEqual([1, 2, 2])
  expect(allowedLateness).toBeGreaterThan(BigInt(9999 * 365 * 86_400_000))
})

test('panes at once fire for each element', async () => {
  const { trigger } = await minutes('at once')
  expect(trigger!.trigger).toMatchObject({
    repeat: { subtrigger: { trigger: { elementCount: { elementCount: 1 } } } },
  })
})

test('nothing crosses from worker to worker but text and what we encode ourselves', async () => {
  const { coders } = await built()
  const urns = new Set(Object.values(coders).map(({ spec }) => spec!.urn))
  expect([...urns].filter((urn) => /bson|general|js/.test(urn))).toEqual([])
})
