import type { Implementation } from '../contract.ts'
import type { pubsubContract } from './index.ts'

type PubSubImplementation = Implementation<typeof pubsubContract>

export const embedded: PubSubImplementation = { name: 'The embedded emulator', diverges: {}, lacks: {} }

export const googleEmulator: PubSubImplementation = {
  name: "Google's Pub/Sub emulator 0.8.20",
  diverges: {},
  lacks: { 'time that can be moved': 'it goes by the machine’s clock, and these take minutes or days.' },
}
