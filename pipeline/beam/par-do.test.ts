import './sdk.ts'
import { setImmediate as turn } from 'node:timers/promises'
import { createRunner, impulse, type PCollection, Root } from 'apache-beam'
import { Pipeline } from 'apache-beam/internal/pipeline'
import { ParDoPayload } from 'apache-beam/proto/beam_runner_api'
import { expect, test } from 'vitest'
import { manualClock } from '../../clock/index.ts'
import { inBundle, type Services } from '../bundle.ts'
import { graph } from '../graph.ts'
import { Outcome } from '../outcome.ts'
import { InMemoryBucket, InMemoryTables } from '../sinks/in-memory.ts'
import { RawFiles } from '../sinks/raw-files.ts'
import { Rows } from '../sinks/rows.ts'
import { message } from '../tests/sample-message.ts'
import { bundleMessages } from './bundle-source.ts'
import { MessageCoder, text } from './coders.ts'
import { type DoFn, type Emit, registerDoFn } from './do-fn.ts'
import { parDo } from './par-do.ts'
import './quiet.ts'

const seen: string[] = []

const slow = registerDoFn('test: slow', ({ suffix }: { suffix: string }): DoFn<{ id: string }, string> => {
  const waiting: (() => void)[] = []
  return {
    process: ({ id }, emit: Emit<string>) => void waiting.push(() => emit(id + suffix)),
    async finishBundle() {
      for (const go of waiting) {
        await turn()
        go()
      }
    },
  }
})

const collect = registerDoFn(
  'test: collect',
  (): DoFn<string, string> => ({
    process: (element) => void seen.push(element),
  }),
)

const failing = registerDoFn(
  'test: failing',
  (): DoFn<unknown, string> => ({
    process() {},
    finishBundle: () => Promise.reject(new Error('The sink failed.')),
  }),
)

function bundle(ids: readonly string[]): Services {
  const bucket = new InMemoryBucket()
  const tables = new InMemoryTables()
  const messages = ids.map((id) => message('{}', { id }))
  return {
    rawFiles: new RawFiles(bucket, tables),
    rows: new Rows(bucket, tables),
    clock: manualClock(),
    stamp: () => 0,
    outcome: new Outcome(messages, { bundle: 'one' }),
    messages,
    roundTrip: true,
  }
}

function run(services: Services, build: (messages: PCollection<unknown>) => unknown) {
  const pipeline = new Pipeline()
  build(new Root(pipeline).apply(impulse()).apply(parDo(bundleMessages, new MessageCoder())))
  return inBundle(services, () => createRunner({ runner: 'direct' }).runPipeline(pipeline.getProto()))
}

test('a bundle waits for what its stages do asynchronously, and for what follows from it', async () => {
  seen.length = 0
  await run(bundle(['a', 'b', 'c']), (messages) =>
    messages.apply(parDo(slow, text, { suffix: '!' })).apply(parDo(collect, text)),
  )
  expect(seen).toEqual(['a!', 'b!', 'c!'])
})

test('a stage that fails asynchronously fails its bundle', async () => {
  await expect(run(bundle(['a']), (messages) => messages.apply(parDo(failing, text)))).rejects.toThrow(
    'The sink failed.',
  )
})

test('bundles that run side by side do not see each other', async () => {
  seen.length = 0
  const build = (suffix: string) => (messages: PCollection<unknown>) =>
    messages.apply(parDo(slow, text, { suffix })).apply(parDo(collect, text))
  await Promise.all([run(bundle(['a', 'b']), build('1')), run(bundle(['c', 'd']), build('2'))])
  expect(seen.toSorted()).toEqual(['a1', 'b1', 'c2', 'd2'])
})

test("the SDK's own stages still run beside the named ones", async () => {
  seen.length = 0
  await run(bundle(['a']), (messages) =>
    messages
      .apply(parDo(slow, text, { suffix: '!' }))
      .map((element: string) => element.toUpperCase())
      .apply(parDo(collect, text)),
  )
  expect(seen).toEqual(['A!'])
})

test('a bundle writes nothing to the console', async () => {
  const written: unknown[] = []
  const { debug, log } = console
  console.debug = console.log = (...args: unknown[]) => void written.push(args)
  try {
    await run(bundle(['a']), (messages) => messages.apply(parDo(collect, text)))
  } finally {
    Object.assign(console, { debug, log })
  }
  expect(written).toEqual([])
})

test('the whole graph is data: every DoFn is a name and JSON, and no event is ever too late', () => {
  const pipeline = new Pipeline()
  graph(new Root(pipeline).apply(impulse()).apply(parDo(bundleMessages, new MessageCoder())))
  const { transforms, windowingStrategies } = pipeline.getProto().components!
  const doFns = Object.values(transforms)
    .filter(({ spec }) => spec?.urn === 'beam:transform:pardo:v1')
    .map(({ spec }) => ParDoPayload.fromBinary(spec!.payload).doFn!)
  const own = doFns
    .filter(({ urn }) => urn === 'sluice:named_do_fn:v1')
    .map(({ payload }) => JSON.parse(String(Buffer.from(payload))).name)
  expect(own).toEqual([
    'bundleMessages',
    'decode',
    'events',
    'deadLetters',
    'minuteOfKey',
    'writeRawFiles',
    'writeRows',
  ])
  const fixed = Object.values(windowingStrategies).find(({ windowFn }) => windowFn?.urn.includes('fixed'))
  expect(fixed!.allowedLateness).toBeGreaterThan(BigInt(9999 * 365 * 86_400_000))
})
