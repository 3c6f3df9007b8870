export { type PubSubServer, startPubSub } from './server.ts'
