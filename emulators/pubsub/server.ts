import { createRequire } from 'node:module'
import { Server } from '@grpc/grpc-js'
import protobuf from 'protobufjs'
import { type Clock, systemClock } from '../../clock/index.ts'
import { addService, type FaultPlan, faultInterceptor, type Listening, listen, loadPackages } from '../shared/index.ts'
import { Dispatchers } from './delivery/dispatchers.ts'
import { publisher } from './handlers/publisher.ts'
import { streamingPull } from './handlers/streaming-pull.ts'
import { subscriber } from './handlers/subscriber.ts'
import { Broker, type OnPublished } from './model/broker.ts'
import type { Draft } from './model/message.ts'
import { overGrpc } from './over-grpc.ts'
import { restFace } from './rest/index.ts'

export interface PubSubOptions {
  /** 127.0.0.1 unless told otherwise. */
  host?: string
  /** 0, the default, takes a free one. */
  port?: number
  clock?: Clock
  /** For tests: calls that are to fail. */
  faults?: FaultPlan
  /** Told of each message that a topic takes, before the publisher hears. */
  onPublished?: OnPublished
}

export interface PubSubServer extends Listening {
  /**
   * Publishes one message without the wire, for another emulator's notifications; returns its id. `topic` is
   * `projects/{project}/topics/{topic}`. Throws a ServiceError as Publish does: NOT_FOUND when there is no such topic.
   */
  publish(topic: string, message: Partial<Draft>): string
}

const NO_DATA = Buffer.alloc(0)
const protos = createRequire(import.meta.url)('@google-cloud/pubsub/build/protos/protos.json')

/** google.pubsub.v1 over gRPC. All state is in memory, and gone when the server is disposed of. */
export async function startPubSub({
  host,
  port,
  clock = systemClock,
  faults,
  onPublished,
}: PubSubOptions = {}): Promise<PubSubServer> {
  const dispatchers = new Dispatchers(clock)
  const broker: Broker = new Broker({
    clock,
    opened: (subscription) => dispatchers.open(subscription, () => broker.deleteSubscription(subscription.name)),
    ...(onPublished && { published: onPublished }),
  })
  // Publish has a limit of its own, with a status of its own; gRPC's must not come first.
  const server = new Server({
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    ...(faults && { interceptors: [faultInterceptor(faults)] }),
  })
  const packages = loadPackages(protos)
  const root = protobuf.Root.fromJSON(protos).resolveAll()
  const context = { broker, dispatchers, clock }
  const methods = { publisher: publisher(broker), subscriber: subscriber(context) }
  addService(server, packages, 'google.pubsub.v1.Publisher', overGrpc(methods.publisher))
  addService(server, packages, 'google.pubsub.v1.Subscriber', {
    ...overGrpc(methods.subscriber),
    streamingPull: streamingPull(context),
  })
  addService(server, packages, 'google.pubsub.v1.SchemaService', {})
  const services = [
    { definition: root.lookupService('google.pubsub.v1.Publisher'), methods: methods.publisher },
    { definition: root.lookupService('google.pubsub.v1.Subscriber'), methods: methods.subscriber },
    { definition: root.lookupService('google.pubsub.v1.SchemaService'), methods: {} },
  ]
  const http = restFace(services, faults)
  const listening = await listen({ host, port, grpc: server, http })
  return {
    host: listening.host,
    port: listening.port,
    dropConnections: listening.dropConnections,
    publish(topic, { data = NO_DATA, attributes = {}, orderingKey = '' }) {
      return broker.publish(topic, [{ data, attributes, orderingKey }])[0]!
    },
    async [Symbol.asyncDispose]() {
      dispatchers[Symbol.dispose]()
      await listening[Symbol.asyncDispose]()
    },
  }
}
