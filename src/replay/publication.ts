import { systemClock } from '../../clock/index.ts'
import type { Clients } from '../clients.ts'
import { batchingTopic } from '../generator/index.ts'
import { publishMessages, readMessages, shiftMessage } from '../recording/index.ts'
import type { Settings } from '../settings.ts'

/** What is to be published, and where. */
export interface Publication {
  /** The fixture's. */
  readonly folder: string
  readonly settings: Settings
  readonly speed: number
  /** How far event times are moved. */
  readonly shiftMs: number
}

/** Told of each message that the topic has: its id now, and the name of its event. */
export type OnPublished = (messageId: string, name: string) => void

/** Publishes a fixture's messages to the topic of the settings. */
export async function publish(
  { folder, settings, speed, shiftMs }: Publication,
  { pubsub }: Pick<Clients, 'pubsub'>,
  onPublished: OnPublished,
): Promise<void> {
  const messages = async function* () {
    for await (const message of readMessages(folder)) yield shiftMs === 0 ? message : shiftMessage(message, shiftMs)
  }
  const topic = batchingTopic(pubsub, settings.resources.topic)
  await publishMessages(topic, messages(), { speed, clock: systemClock, onPublished })
}
