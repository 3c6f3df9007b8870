import '../beam/sdk.ts'
import { type PCollection, type Root, withName } from 'apache-beam'
import { BytesCoder } from 'apache-beam/coders/required_coders'
import type { Pipeline } from 'apache-beam/internal/pipeline'
import { IsBounded_Enum, type PTransform, PubSubReadPayload } from 'apache-beam/proto/beam_runner_api'
import type { PortableSource } from '../runners/portable.ts'
import { toMessages } from './pubsub-portable.ts'

/**
 * A subscription as Dataflow reads it by itself (beam:transform:pubsub_read:v1, as in Beam's Go SDK): no worker takes part,
 * in Java or otherwise. With attributes, an element is a google.pubsub.v1.PubsubMessage. `subscription` is the full name.
 */
export const dataflowPubSub =
  (subscription: string): PortableSource =>
  (root) => {
    const place = (_root: Root, pipeline: Pipeline, transform: PTransform): PCollection<Uint8Array> => {
      const payload = PubSubReadPayload.create({ subscription, withAttributes: true })
      transform.spec = { urn: 'beam:transform:pubsub_read:v1', payload: PubSubReadPayload.toBinary(payload) }
      transform.environmentId = '' // the service's own
      return pipeline.createPCollectionInternal(new BytesCoder(), undefined, IsBounded_Enum.UNBOUNDED)
    }
    return toMessages(root.apply(withName('source', place)))
  }
