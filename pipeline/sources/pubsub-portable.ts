import '../beam/sdk.ts'
import type { PCollection } from 'apache-beam'
import type { FunctionSpec } from 'apache-beam/proto/beam_runner_api'
import { MessageCoder } from '../beam/coders.ts'
import { describeRead, javaRead } from '../beam/java-read.ts'
import { parDo } from '../beam/par-do.ts'
import type { PortableSource } from '../runners/portable.ts'
import type { Message } from '../transforms/message.ts'
import { pubSubMessages } from './pubsub-bytes.ts'

export interface PubSubRead {
  /** Full name: projects/…/subscriptions/…. */
  readonly subscription: string
  /** host:port of an expansion service that knows Beam's Java PubsubIO. */
  readonly expansionService: string
}

/** PubsubIO (org.apache.beam.sdk.io.gcp.pubsub.ExternalRead) on a subscription, wherever Pub/Sub is. */
export const describePubSubRead = ({ subscription, expansionService }: PubSubRead): Promise<FunctionSpec> =>
  describeRead({
    urn: 'beam:transform:org.apache.beam:pubsub_read:v1',
    config: { subscription, with_attributes: true },
    expansionService,
  })

/**
 * A subscription without end, read by PubsubIO in the runner. It drops deliveries that it has seen within ten minutes, by
 * message id; the sinks drop every other repetition.
 */
export const pubSubRead =
  (described: FunctionSpec): PortableSource =>
  (root) =>
    toMessages(javaRead(root, described))

/** Elements are google.pubsub.v1.PubsubMessage; their timestamps, the times of publishing. */
export const toMessages = (bytes: PCollection<Uint8Array>): PCollection<Message> =>
  bytes.apply(parDo(pubSubMessages, new MessageCoder()))
