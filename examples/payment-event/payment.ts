import type { z } from 'zod'
import { defineEvent } from '../definition.ts'
import { decimal, id, instant, list, oneOf, optional, record, text } from '../fields.ts'

const METHODS = ['card', 'paypal', 'invoice'] as const
const OUTCOMES = ['authorised', 'captured', 'declined', 'refunded'] as const

const payment = defineEvent({
  type: 'payment',
  table: 'payments',
  description: 'Payments of orders: one row for each step of a payment.',
  clusterBy: ['order_id', 'outcome'],
  eventTime: 'paid_at',
  fields: {
    payment_id: id('The payment.'),
    order_id: id('The order that is paid.'),
    method: oneOf('How the customer pays.', METHODS),
    outcome: oneOf('What came of this step.', OUTCOMES),
    amount: decimal('How much was moved; a refund is positive too.'),
    currency: text('ISO 4217: EUR, USD.'),
    paid_at: instant('When the bank answered: the event time.'),
    card: optional(
      record({
        brand: text('The brand, as the bank names it.'),
        last_digits: text('The last four digits; text, for they may begin with 0.'),
      }),
    ),
    fees: list(
      record({
        name: text('Who takes it.'),
        amount: decimal('How much of the amount.'),
      }),
    ),
  },
  sample(source) {
    const cents = source.product().cents * source.integer(1, 5)
    const method = source.pick(METHODS)
    return {
      payment_id: source.id('pay'),
      order_id: source.id('order'),
      method,
      outcome: source.pick(['captured', 'captured', ...OUTCOMES] as const),
      amount: cents / 100,
      currency: 'EUR',
      paid_at: source.time(),
      card:
        method === 'card'
          ? {
              brand: source.pick(['visa', 'mastercard']),
              last_digits: String(source.integer(0, 9_999)).padStart(4, '0'),
            }
          : null,
      fees: [{ name: 'bank', amount: Math.round(cents * 0.02) / 100 }],
    }
  },
})

export default payment
export type Payment = z.infer<typeof payment.schema>
