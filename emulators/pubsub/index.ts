export { type PubSubOptions, type PubSubServer, startPubSub } from './server.ts'
