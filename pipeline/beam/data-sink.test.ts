import './sdk.ts'
import { Context } from 'apache-beam/coders/coders'
import { StrUtf8Coder } from 'apache-beam/coders/standard_coders'
import { RemoteGrpcPort } from 'apache-beam/proto/beam_fn_api'
import { createOperator, type OperatorContext } from 'apache-beam/worker/operators'
import protobufjs from 'protobufjs'
import { expect, test } from 'vitest'
import './data-sink.ts'

test('what a stage emits at one go, beyond what one part holds, is sent once', async () => {
  const sent: Uint8Array[] = []
  let closed = 0
  const channel = { sendData: async (data: Uint8Array) => void sent.push(data), close: () => void closed++ }
  const payload = RemoteGrpcPort.toBinary(
    RemoteGrpcPort.create({ apiServiceDescriptor: { url: 'localhost:1' }, coderId: 'text' }),
  )
  const context = {
    descriptor: { transforms: { sink: { spec: { urn: 'beam:runner:sink:v1', payload }, inputs: {}, outputs: {} } } },
    pipelineContext: { getCoder: () => new StrUtf8Coder() },
    getDataChannel: () => ({ getSendChannel: () => channel }),
    getBundleId: () => '1',
    getReceiver: () => undefined,
  } as unknown as OperatorContext
  const sink = createOperator('sink', context)
  await sink.startBundle()
  const elements = Array.from({ length: 50 }, (_, i) => `${i}:${'x'.repeat(100_000)}`)
  for (const element of elements) sink.process(element as never)
  await sink.finishBundle()
  const read = sent.flatMap((data) => {
    const reader = new protobufjs.Reader(data)
    const found: string[] = []
    while (reader.pos < reader.len) found.push(new StrUtf8Coder().decode(reader, Context.needsDelimiters))
    return found
  })
  expect(read).toEqual(elements)
  expect([sent.length, closed]).toEqual([5, 1])
})
