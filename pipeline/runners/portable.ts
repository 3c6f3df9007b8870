import '../beam/sdk.ts'
import { type PCollection, Root } from 'apache-beam'
import { asDockerEnvironment, asExternalEnvironment } from 'apache-beam/internal/environments'
import { Pipeline } from 'apache-beam/internal/pipeline'
import type { Environment, Pipeline as PipelineProto } from 'apache-beam/proto/beam_runner_api'
import { type Panes, windowing } from '../beam/panes.ts'
import { graph } from '../graph.ts'
import type { Message } from '../transforms/message.ts'
import type { TimeBounds } from '../transforms/time-bounds.ts'

/** Puts a source of messages at the root of a pipeline. */
export type PortableSource = (root: Root) => PCollection<Message> | Promise<PCollection<Message>>

/** Where a runner finds workers that have loaded this code. */
export type WorkerEnvironment = (base: Environment) => Environment

export interface PortableOptions {
  readonly source: PortableSource
  readonly environment: WorkerEnvironment
  readonly panes: Panes
  readonly bounds: TimeBounds
}

/** The graph as a portable runner takes it: the same as in this process, but for its source, workers and panes. */
export async function portablePipeline({
  source,
  environment,
  panes,
  bounds,
}: PortableOptions): Promise<PipelineProto> {
  const pipeline = new Pipeline()
  graph(await source(new Root(pipeline)), { windowing: windowing(panes), bounds })
  const proto = pipeline.getProto()
  const { environments } = proto.components!
  environments[pipeline.defaultEnvironment] = environment(environments[pipeline.defaultEnvironment]!)
  return proto
}

/** Workers that a pool starts when the runner asks for them. `address` is its host:port. */
export const externalPool =
  (address: string): WorkerEnvironment =>
  (base) =>
    asExternalEnvironment(base, address)

/** Workers in containers of this image. */
export const dockerImage =
  (image: string): WorkerEnvironment =>
  (base) =>
    asDockerEnvironment(base, image)
