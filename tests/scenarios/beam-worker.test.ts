import '../../pipeline/beam/sdk.ts'
import { setImmediate as turn } from 'node:timers/promises'
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js'
import { Context } from 'apache-beam/coders/coders'
import { FullWindowedValueCoder, GlobalWindowCoder, PaneInfoCoder } from 'apache-beam/coders/required_coders'
import { StrUtf8Coder } from 'apache-beam/coders/standard_coders'
import {
  type Elements,
  type InstructionRequest,
  type InstructionResponse,
  ProcessBundleDescriptor,
  RemoteGrpcPort,
} from 'apache-beam/proto/beam_fn_api'
import { beamFnControlDefinition, beamFnDataDefinition } from 'apache-beam/proto/beam_fn_api.grpc-server'
import { GlobalWindow } from 'apache-beam/values'
import { type IOperator, registerOperatorConstructor } from 'apache-beam/worker/operators'

import protobufjs from 'protobufjs'
import { expect, test } from 'vitest'
import { runWorker } from '../../pipeline/worker.ts'

const PARTS = 4
const ELEMENTS = 1_000
const BYTES = 6_000

let processed = 0

// Not beside worker.ts: a worker takes its whole process, and the tests there share one.

/** A stage that takes its time over each element, as one does whose output has to wait. */
registerOperatorConstructor(
  'test:slow',
  (transformId): IOperator => ({
    transformId,
    async startBundle() {},
    async process() {
      await turn()
      processed += 1
    },
    async finishBundle() {},
  }),
)

/** One part of a bundle's data. */
function part(): Uint8Array {
  const coder = new FullWindowedValueCoder(new StrUtf8Coder(), new GlobalWindowCoder())
  const writer = new protobufjs.Writer()
  for (let i = 0; i < ELEMENTS; i++) {
    const element = {
      value: 'x'.repeat(BYTES),
      windows: [new GlobalWindow()],
      pane: PaneInfoCoder.ONE_AND_ONLY_FIRING,
      timestamp: new GlobalWindow().maxTimestamp(),
    }
    coder.encode(element as never, writer, Context.needsDelimiters)
  }
  return writer.finish()
}

/** A runner that has one bundle, and sends all of its data at once. Resolves with what the worker answers. */
async function runBundle(): Promise<InstructionResponse> {
  const server = new Server()
  const { promise: answer, resolve: answered } = Promise.withResolvers<InstructionResponse>()
  let url = ''
  server.addService(beamFnControlDefinition, {
    control(call: ServerDuplexStream<InstructionResponse, InstructionRequest>) {
      call.on('data', answered)
      const processBundle = { processBundleDescriptorId: 'd', cacheTokens: [] }
      call.write({ instructionId: '1', request: { oneofKind: 'processBundle', processBundle } })
    },
    getProcessBundleDescriptor: (_call: unknown, reply: (error: null, value: ProcessBundleDescriptor) => void) =>
      reply(null, descriptor(url)),
  })
  server.addService(beamFnDataDefinition, {
    data(call: ServerDuplexStream<Elements, Elements>) {
      const send = (data: Uint8Array, isLast: boolean) =>
        call.write({ data: [{ instructionId: '1', transformId: 'source', data, isLast }], timers: [] })
      for (let i = 0; i < PARTS; i++) send(part(), false)
      send(new Uint8Array(), true)
    },
  })
  url = await new Promise<string>((resolve) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (_error, port) => resolve(`127.0.0.1:${port}`)),
  )
  const worker = runWorker({ id: 'w', control: url, sinks: {} as never, onBundle() {} })
  const response = await answer
  server.forceShutdown()
  await worker
  return response
}

const descriptor = (url: string) =>
  ProcessBundleDescriptor.create({
    id: 'd',
    transforms: {
      source: {
        uniqueName: 'source',
        spec: {
          urn: 'beam:runner:source:v1',
          payload: RemoteGrpcPort.toBinary(
            RemoteGrpcPort.create({ apiServiceDescriptor: { url }, coderId: 'windowed' }),
          ),
        },
        outputs: { out: 'text' },
      },
      slow: {
        uniqueName: 'slow',
        spec: { urn: 'test:slow', payload: new Uint8Array() },
        inputs: { in: 'text' },
        outputs: { out: 'nothing' },
      },
    },
    pcollections: { text: { uniqueName: 'text', coderId: 'windowed' }, nothing: { uniqueName: 'n', coderId: 'text' } },
    coders: {
      text: { spec: { urn: 'beam:coder:string_utf8:v1' } },
      window: { spec: { urn: 'beam:coder:global_window:v1' } },
      windowed: { spec: { urn: 'beam:coder:windowed_value:v1' }, componentCoderIds: ['text', 'window'] },
    },
  } as never)

test('a worker answers for a bundle of many megabytes when each element is through its slow stages', async () => {
  const { log, debug, warn, error: complain } = console
  Object.assign(console, { log() {}, debug() {}, warn() {}, error() {} }) // the SDK tells each request there
  try {
    const { error } = await runBundle()
    expect([error, processed]).toEqual(['', PARTS * ELEMENTS])
  } finally {
    Object.assign(console, { log, debug, warn, error: complain })
  }
})
