import type { z } from 'zod'
import { defineEvent } from '../definition.ts'
import { id, instant, oneOf, optional, record, text } from '../fields.ts'

const ACTIVITIES = ['login', 'logout', 'view_product', 'add_to_cart', 'remove_from_cart'] as const

const userActivity = defineEvent({
  type: 'user_activity',
  table: 'user_activity',
  description: 'What users do in the shop: one row for each action.',
  clusterBy: ['user_id', 'activity_type'],
  eventTime: 'timestamp',
  fields: {
    user_id: id('The user.'),
    activity_type: oneOf('What the user did.', ACTIVITIES),
    ip_address: optional(text('The address that the request came from.')),
    user_agent: optional(text('The User-Agent header of the request.')),
    timestamp: instant('When the user did it: the event time.'),
    metadata: record({
      session_id: id('The session.'),
      platform: oneOf('What the user looked at the shop with.', ['web', 'mobile', 'tablet']),
    }),
  },
  sample(source) {
    const customer = source.customer()
    return {
      user_id: customer.id,
      // People look more than they buy.
      activity_type: source.pick([
        'view_product',
        'view_product',
        'view_product',
        'add_to_cart',
        ...ACTIVITIES,
      ] as const),
      ip_address: customer.ipAddress,
      user_agent: customer.userAgent,
      timestamp: source.time(),
      metadata: { session_id: source.id('sess'), platform: customer.platform },
    }
  },
})

export default userActivity
export type UserActivity = z.infer<typeof userActivity.schema>
