import './sdk.ts'
import { credentials, Metadata } from '@grpc/grpc-js'
import type { ProvisionInfo } from 'apache-beam/proto/beam_provision_api'
import { ProvisionServiceClient } from 'apache-beam/proto/beam_provision_api.grpc-client'
import { Struct } from 'apache-beam/proto/google/protobuf/struct'
import { EAGER, ready } from './call.ts'

/** What a container's runner tells it (s.apache.org/beam-fn-api-container-contract). */
export interface Provision {
  /** This worker, and those that are to run beside it in the same container. */
  readonly workerIds: readonly string[]
  /** host:port of the runner's services. */
  readonly control: string
  readonly logging: string | undefined
  /** What the job calls `sluice` among its pipeline options: environment variables. */
  readonly variables: Readonly<Record<string, string>>
}

export interface BootArguments {
  readonly id: string
  /** host:port of org.apache.beam.model.fn_execution.v1.ProvisionService. */
  readonly provision: string
  /** What a runner says that does not tell by the provision service. */
  readonly control?: string
  readonly logging?: string
}

/** Asks the runner. Waits for a service that is just starting; throws when it tells too little, or what is unsupported. */
export async function provisionOf({ id, provision, control, logging }: BootArguments): Promise<Provision> {
  const info = await askedFor(id, provision)
  if (info.dependencies.length > 0) {
    throw new Error(
      `The job stages ${info.dependencies.length} artifacts, which is unsupported: the image has all the code.`,
    )
  }
  const found = info.controlEndpoint?.url || control
  if (!found) throw new Error('The runner names no control endpoint.')
  return {
    workerIds: [id, ...info.siblingWorkerIds],
    control: found,
    logging: info.loggingEndpoint?.url || logging,
    variables: variablesOf(info),
  }
}

async function askedFor(id: string, provision: string): Promise<ProvisionInfo> {
  const client = new ProvisionServiceClient(provision, credentials.createInsecure(), EAGER)
  try {
    await ready(client)
    const { promise, resolve, reject } = Promise.withResolvers<ProvisionInfo>()
    client.getProvisionInfo({}, withId(id), (error, response) =>
      response?.info ? resolve(response.info) : reject(error ?? new Error('The runner provisions nothing.')),
    )
    return await promise
  } finally {
    client.close()
  }
}

/** Each call of a worker names it. */
export function withId(id: string): Metadata {
  const metadata = new Metadata()
  metadata.add('worker_id', id)
  return metadata
}

const OURS = /^(SLUICE_[A-Z_]+|[A-Z]+(_STORAGE)?_EMULATOR_HOST)$/

/** Dataflow puts the options one level deeper, and other runners under `beam:option:…:v1`. */
function variablesOf({ pipelineOptions }: ProvisionInfo): Record<string, string> {
  const given = pipelineOptions ? Struct.toJson(pipelineOptions) : {}
  const options = fieldsOf(fieldsOf(given).options ?? given)
  const sluice = fieldsOf(options.sluice ?? options['beam:option:sluice:v1'])
  return Object.fromEntries(
    Object.entries(sluice).filter(
      (entry): entry is [string, string] => OURS.test(entry[0]) && typeof entry[1] === 'string',
    ),
  )
}

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
