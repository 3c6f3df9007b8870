import './sdk.ts'
import type { Coder } from 'apache-beam/coders/coders'
import type { PTransform } from 'apache-beam/proto/beam_runner_api'
import type { WindowedValue } from 'apache-beam/values'
import {
  decodeFromBase64,
  encodeToBase64,
  type IOperator,
  NonPromise,
  type OperatorContext,
  type ProcessResult,
  type Receiver,
} from 'apache-beam/worker/operators'
import { services } from '../bundle.ts'
import type { DoFn } from './do-fn.ts'

type Element = WindowedValue<unknown>

/** Runs one DoFn in one bundle, and waits for its asynchronous work where the SDK's own operator would not. */
export class NamedOperator implements IOperator {
  readonly transformId: string
  readonly #receiver: Receiver
  readonly #inputCoder: Coder<unknown>
  readonly #make: () => DoFn<unknown, unknown>
  #doFn!: DoFn<unknown, unknown>
  #roundTrip = false
  /** What stages further on have not done yet. */
  #pending: Promise<void>[] = []

  constructor(
    transformId: string,
    transform: PTransform,
    context: OperatorContext,
    make: () => DoFn<unknown, unknown>,
  ) {
    this.transformId = transformId
    this.#receiver = context.getReceiver(Object.values(transform.outputs)[0])
    const input = context.descriptor.pcollections[Object.values(transform.inputs)[0]!]!
    this.#inputCoder = context.pipelineContext.getCoder(input.coderId)
    this.#make = make
  }

  async startBundle(): Promise<void> {
    this.#doFn = this.#make()
    this.#roundTrip = services().roundTrip ?? false
    this.#pending = []
  }

  process(element: Element): ProcessResult {
    const { value } = element
    const emit = (output: unknown, timestamp?: number) => {
      const result = this.#receiver.receive({
        ...element,
        value: output,
        ...(timestamp !== undefined && { timestamp: longLike(element.timestamp, timestamp) }),
      })
      if (result !== NonPromise) this.#wait(result)
    }
    this.#doFn.process(this.#roundTrip ? roundTrip(value, this.#inputCoder) : value, emit, () =>
      element.timestamp.toNumber(),
    )
    return this.#pending.length === 0 ? NonPromise : this.#settle()
  }

  async finishBundle(): Promise<void> {
    await this.#doFn.finishBundle?.()
    await this.#settle()
  }

  #wait(result: Promise<void>): void {
    result.catch(() => {}) // Looked at in #settle(); until then it must not count as unhandled.
    this.#pending.push(result)
  }

  async #settle(): Promise<void> {
    await Promise.all(this.#pending.splice(0))
  }
}

/** Some runners take elements through their coders between any two stages, so the graph must stand it everywhere. */
const roundTrip = (value: unknown, coder: Coder<unknown>): unknown =>
  decodeFromBase64(encodeToBase64(value, coder), coder)

/** The SDK brings its own version of Long, and no other will do. */
const longLike = (long: Element['timestamp'], millis: number): Element['timestamp'] =>
  (long.constructor as unknown as { fromNumber(value: number): Element['timestamp'] }).fromNumber(millis)
