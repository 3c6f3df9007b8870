import './sdk.ts'
import { credentials } from '@grpc/grpc-js'
import { type PCollection, type Root, withName } from 'apache-beam'
import { BytesCoder } from 'apache-beam/coders/required_coders'
import { RowCoder } from 'apache-beam/coders/row_coder'
import type { Pipeline } from 'apache-beam/internal/pipeline'
import { ExpansionRequest, type ExpansionResponse } from 'apache-beam/proto/beam_expansion_api'
import { ExpansionServiceClient } from 'apache-beam/proto/beam_expansion_api.grpc-client'
import { type FunctionSpec, IsBounded_Enum, PTransform } from 'apache-beam/proto/beam_runner_api'
import { ExternalConfigurationPayload } from 'apache-beam/proto/external_transforms'
import protobufjs from 'protobufjs'
import { call, EAGER, ready } from './call.ts'

export interface JavaSource {
  /** Of the transform that the expansion service knows. */
  readonly urn: string
  readonly config: Readonly<Record<string, string | boolean>>
  /** host:port of the expansion service. */
  readonly expansionService: string
}

const READ = 'beam:transform:read:v1'

/**
 * An unbounded source of Beam's Java SDK, which a runner in Java reads by itself. Of what the expansion service answers,
 * only the reading is taken, and none of the Java functions that follow it: they would need a Java worker, and PubsubIO's
 * lose the message id wherever their result is encoded. Waits for a service that is just starting.
 */
export async function describeRead(source: JavaSource): Promise<FunctionSpec> {
  const { components } = await expand(source)
  const reads = Object.values(components?.transforms ?? {}).filter(({ spec }) => spec?.urn === READ)
  if (reads.length !== 1) throw new Error(`${source.urn} was expanded to ${reads.length} sources instead of one.`)
  return reads[0]!.spec!
}

/** What describeRead() has described, as the root of a pipeline. */
export function javaRead(root: Root, described: FunctionSpec): PCollection<Uint8Array> {
  const place = (_root: Root, pipeline: Pipeline, transform: PTransform): PCollection<Uint8Array> => {
    transform.spec = described
    transform.environmentId = '' // the runner's own
    return pipeline.createPCollectionInternal(new BytesCoder(), undefined, IsBounded_Enum.UNBOUNDED)
  }
  return root.apply(withName('source', place))
}

async function expand({ urn, config, expansionService }: JavaSource): Promise<ExpansionResponse> {
  const schema = RowCoder.inferSchemaOfJSON(config)
  const row = new protobufjs.Writer()
  RowCoder.fromSchema(schema).encode(config, row, null as never)
  const payload = ExternalConfigurationPayload.toBinary({ schema, payload: row.finish() })
  const request = ExpansionRequest.create({
    transform: PTransform.create({ uniqueName: 'source', spec: { urn, payload } }),
    components: {},
    namespace: 'source',
  })
  const client = new ExpansionServiceClient(expansionService, credentials.createInsecure(), EAGER)
  try {
    await ready(client)
    const response = await call(client.expand.bind(client), request)
    if (response.error) throw new Error(`The expansion service refuses ${urn}: ${response.error}`)
    return response
  } finally {
    client.close()
  }
}
