export type { OnPublished } from './model/broker.ts'
export type { Message } from './model/message.ts'
export { type PubSubServer, startPubSub } from './server.ts'
