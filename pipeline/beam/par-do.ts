import './sdk.ts'

import './data-sink.ts'
import './ordered-channel.ts'
import { type PCollection, type PTransform, withName } from 'apache-beam'
import type { Coder } from 'apache-beam/coders/coders'
import { FunctionSpec, ParDoPayload } from 'apache-beam/proto/beam_runner_api'
import { parDo as sdkParDo } from 'apache-beam/transforms/pardo'
import { createOperator, registerOperatorConstructor } from 'apache-beam/worker/operators'
import { makeDoFn } from './do-fn.ts'
import { NamedOperator } from './named-operator.ts'

/** How a ParDo says that its DoFn is a named one. Runners pass it on to the worker without a look. */
const NAMED_DO_FN = 'sluice:named_do_fn:v1'

const PAR_DO = (sdkParDo as typeof sdkParDo & { readonly urn: string }).urn

/** A stage that applies the DoFn registered under `name`. `coder` is that of its output. */
export function parDo<In, Out>(
  name: string,
  coder: Coder<Out>,
  config: unknown = {},
): PTransform<PCollection<In>, PCollection<Out>> {
  return withName(name, (_input: PCollection<In>, pipeline, transform) => {
    const doFn = { urn: NAMED_DO_FN, payload: new TextEncoder().encode(JSON.stringify({ name, config })) }
    const payload = ParDoPayload.toBinary(ParDoPayload.create({ doFn }))
    transform.spec = FunctionSpec.create({ urn: PAR_DO, payload })
    return pipeline.createPCollectionInternal(coder)
  })
}

type OperatorConstructor = Parameters<typeof registerOperatorConstructor>[1]

/** The SDK has one constructor for all ParDos, and no way to ask for it but the closure that its compiler left. */
function sdkParDoConstructor(): OperatorConstructor {
  const { __closure } = createOperator as typeof createOperator & {
    __closure?(): { operatorsByUrn?: Map<string, OperatorConstructor> }
  }
  const found = __closure?.().operatorsByUrn?.get(PAR_DO)
  if (typeof found !== 'function') throw new Error('apache-beam has changed: its operators are not where they were.')
  return found
}

const sdkConstructor = sdkParDoConstructor()

registerOperatorConstructor(PAR_DO, (transformId, transform, context) => {
  const { doFn } = ParDoPayload.fromBinary(transform.spec!.payload)
  if (doFn?.urn !== NAMED_DO_FN) return sdkConstructor(transformId, transform, context)
  const { name, config } = JSON.parse(new TextDecoder().decode(doFn.payload)) as { name: string; config: unknown }
  return new NamedOperator(transformId, transform, context, () => makeDoFn(name, config))
})
