import './sdk.ts'
import type { Coder } from 'apache-beam/coders/coders'
import { Context } from 'apache-beam/coders/coders'
import { RemoteGrpcPort } from 'apache-beam/proto/beam_fn_api'
import type { PTransform } from 'apache-beam/proto/beam_runner_api'
import type { WindowedValue } from 'apache-beam/values'
import type { MultiplexingDataChannel } from 'apache-beam/worker/data'
import {
  type IOperator,
  NonPromise,
  type OperatorContext,
  type ProcessResult,
  registerOperatorConstructor,
} from 'apache-beam/worker/operators'
import protobufjs from 'protobufjs'

/** As the SDK's. */
const PART_BYTES = 1_000_000

type Channel = ReturnType<MultiplexingDataChannel['getSendChannel']>

/**
 * Sends a stage's output back to the runner. The SDK's own sends a full buffer, waits, and only then takes an empty one:
 * what a stage emits meanwhile without waiting is sent along with all of the buffer again, and again with the next element.
 */
class DataSink implements IOperator {
  readonly transformId: string
  readonly #openChannel: () => Channel
  readonly #coder: Coder<unknown>
  #channel!: Channel
  #buffer = new protobufjs.Writer()

  constructor(transformId: string, transform: PTransform, context: OperatorContext) {
    const port = RemoteGrpcPort.fromBinary(transform.spec!.payload)
    const data = context.getDataChannel(port.apiServiceDescriptor!.url)
    this.transformId = transformId
    this.#openChannel = () => data.getSendChannel(context.getBundleId(), transformId)
    this.#coder = context.pipelineContext.getCoder(port.coderId)
  }

  async startBundle(): Promise<void> {
    this.#channel = this.#openChannel()
    this.#buffer = new protobufjs.Writer()
  }

  process(element: WindowedValue<unknown>): ProcessResult {
    this.#coder.encode(element, this.#buffer, Context.needsDelimiters)
    if (this.#buffer.len > PART_BYTES) this.#send()
    return NonPromise
  }

  async finishBundle(): Promise<void> {
    if (this.#buffer.len > 0) this.#send()
    this.#channel.close()
  }

  #send(): void {
    const part = this.#buffer.finish()
    this.#buffer = new protobufjs.Writer()
    void this.#channel.sendData(part) // never rejects: it is handed to gRPC, whose stream reports what goes wrong
  }
}

registerOperatorConstructor('beam:runner:sink:v1', (...made) => new DataSink(...made))
