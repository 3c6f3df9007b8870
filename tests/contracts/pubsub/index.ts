import type { Contract } from '../contract.ts'
import type { PubSubBackend } from './backend.ts'
import { delivery } from './delivery.ts'
import { exactlyOnce } from './exactly-once.ts'
import { failures } from './failures.ts'
import { filters } from './filters.ts'
import { ordering } from './ordering.ts'
import { publishing } from './publishing.ts'
import { push } from './push.ts'
import { streaming } from './streaming.ts'
import { subscriptions } from './subscriptions.ts'
import { topics } from './topics.ts'

/** google.pubsub.v1, as the protos' comments and https://cloud.google.com/pubsub/docs describe it. */
export const pubsubContract = {
  ...topics,
  ...subscriptions,
  ...publishing,
  ...delivery,
  ...streaming,
  ...ordering,
  ...exactlyOnce,
  ...filters,
  ...failures,
  ...push,
} satisfies Contract<PubSubBackend>
