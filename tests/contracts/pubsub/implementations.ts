import type { Divergence, Implementation } from '../contract.ts'
import type { pubsubContract } from './index.ts'

type PubSubImplementation = Implementation<typeof pubsubContract>

export const embedded: PubSubImplementation = { name: 'The embedded emulator', diverges: {}, lacks: {} }

const UNCHECKED = 'it is taken: limits of a publish are not checked'
const GAPS = 'https://github.com/googleapis/google-cloud-cpp/issues/4792'

/** https://docs.cloud.google.com/sdk/docs/release-notes#55500_2026-02-03 */
const filters = (instead: string): Divergence => ({ instead, until: 'gcloud CLI 555.0.0' })
const ALL_ARRIVE = filters('the filter is kept and shown, and every message passes')

/** The emulator of gcloud CLI 528.0.0. */
export const googleEmulator: PubSubImplementation = {
  name: "Google's Pub/Sub emulator 0.8.20",
  diverges: {
    'a topic cannot have labels with capitals': 'any label is taken',
    'an update of a topic changes what its mask names': `INVALID_ARGUMENT: it knows no field \`labels\` (${GAPS})`,
    'a subscription that is not used expires after 31 days, unless told otherwise': 'no expiration policy is shown',
    'an expiration is at least a day away': 'any expiration is taken',
    'an ack deadline lies between 10 s and 600 s': 'any deadline up to 600 s is taken',
    'a request of more than 10 MB is refused': UNCHECKED,
    'a message of more than 100 attributes is refused': UNCHECKED,
    'an attribute with a key of more than 256 bytes is refused': UNCHECKED,
    'an attribute with a key that begins with goog is refused': UNCHECKED,
    'an attribute with a value of more than 1,024 bytes is refused': UNCHECKED,
    'an ordering key of more than 1,024 bytes is refused': UNCHECKED,
    'a deadline is moved to between 0 s and 600 s': 'more than 600 s are taken',
    'a stream holds no more messages than it asked for, and gets more when it settles some':
      'all of them come at once: the limits of a stream are not looked at, and only those of the client hold',
    'when a message of a key is given back, those after it come again after it':
      'it comes after them, out of order; when its deadline passes instead, the order is kept',
    'with exactly-once delivery, an ack or a deadline that comes too late fails, and names its ack id':
      'it succeeds; only an ack id that a newer one replaced fails',
    'with exactly-once delivery, a stream says so and confirms acks and deadlines':
      'the confirmation of a changed deadline names no ack id',
    'exactly-once delivery is not for push': 'it is taken',
    'a filter asks whether there is an attribute': ALL_ARRIVE,
    'a filter asks for the value of an attribute': ALL_ARRIVE,
    'a filter asks for another value, which an attribute that is not there has': ALL_ARRIVE,
    'a filter asks for the beginning of a value': ALL_ARRIVE,
    'a filter joins conditions by AND': ALL_ARRIVE,
    'a filter joins conditions by OR': ALL_ARRIVE,
    'a filter turns conditions round by NOT, and groups them in parentheses': ALL_ARRIVE,
    'a filter that is no filter is refused': filters('any text is taken'),
    'a filter of more than 256 bytes is refused': filters('any text is taken'),
    'with a retry policy, a message that is given back waits':
      'it comes back at once (https://github.com/googleapis/nodejs-pubsub/issues/1029)',
    'a push of a message with an ordering key tells it': 'the body has no ordering key',
    'a push that is answered with 200, 201, 202 or 204 is an ack': '202 counts as a failure',
    'a push tells which attempt it is where there is a dead-letter policy': 'the body has no attempt',
    'a push subscription cannot be pulled': 'a pull is answered',
  },
  lacks: { 'time that can be moved': 'it goes by the machine’s clock, and these take minutes or days.' },
}
