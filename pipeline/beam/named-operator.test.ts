import './sdk.ts'
import { setImmediate as turn } from 'node:timers/promises'
import { StrUtf8Coder } from 'apache-beam/coders/standard_coders'
import type { PTransform } from 'apache-beam/proto/beam_runner_api'
import type { WindowedValue } from 'apache-beam/values'
import type { OperatorContext } from 'apache-beam/worker/operators'
import { expect, test } from 'vitest'
import { inBundle, type Services } from '../bundle.ts'
import type { DoFn } from './do-fn.ts'
import { NamedOperator } from './named-operator.ts'

/** An operator in front of a stage that is slow, such as one that sends to another worker. */
function operator(doFn: DoFn<unknown, unknown>) {
  const received: unknown[] = []
  const receive = async ({ value }: WindowedValue<unknown>) => {
    await turn()
    if (value === 'bad') throw new Error('The next stage failed.')
    received.push(value)
  }
  const context = {
    getReceiver: () => ({ receive }),
    descriptor: { pcollections: { in: { coderId: 'text' } } },
    pipelineContext: { getCoder: () => new StrUtf8Coder() },
  } as unknown as OperatorContext
  const transform = { inputs: { a: 'in' }, outputs: { b: 'out' } } as unknown as PTransform
  return { received, operator: new NamedOperator('t', transform, context, () => doFn) }
}

const element = (value: unknown) => ({ value, windows: [], pane: undefined, timestamp: undefined }) as never

const services = (roundTrip = false) => ({ roundTrip }) as Services

test('an element is processed once the stages after it are done', async () => {
  const { received, operator: one } = operator({ process: (value, emit) => emit(value) })
  await inBundle(services(), () => one.startBundle())
  const processed = one.process(element('a'))
  expect(received).toEqual([])
  await processed
  expect(received).toEqual(['a'])
})

test('a bundle is finished once the stages after it are done with what came last', async () => {
  const last: (() => void)[] = []
  const { received, operator: one } = operator({
    process: (value, emit) => void last.push(() => emit(value)),
    async finishBundle() {
      for (const go of last) go()
    },
  })
  await inBundle(services(), () => one.startBundle())
  expect(one.process(element('a'))).toBeNull()
  await one.finishBundle()
  expect(received).toEqual(['a'])
})

test('a failure of a stage after it fails the bundle', async () => {
  const { operator: one } = operator({ process: (value, emit) => emit(value) })
  await inBundle(services(), () => one.startBundle())
  await expect(one.process(element('bad'))).rejects.toThrow('The next stage failed.')
})

test('in strict mode an element that its coder cannot carry is found', async () => {
  const { received, operator: one } = operator({ process: (value, emit) => emit(value) })
  await inBundle(services(true), () => one.startBundle())
  await one.process(element('half \ud800 a pair'))
  expect(received).toEqual(['half \ufffd a pair'])
})
