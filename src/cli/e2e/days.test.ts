import { expect, test } from 'vitest'
import { daysOf } from './days.ts'
import { inputMessages } from './input.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')
const justAfterMidnight = Date.parse('2026-03-01T00:04:00Z')

test('rows of a run may lie on the days of its events, and on those around its own for what cannot be an event', async () => {
  const messages = await inputMessages({ events: 20, seed: 1, now: noon })
  expect(daysOf(messages, noon)).toEqual(['2024-01-15', '2026-02-28', '2026-03-01', '2026-03-02'])
})

test('a run that begins after midnight has events of the day before', async () => {
  const messages = await inputMessages({ events: 20, seed: 1, now: justAfterMidnight })
  const events = messages.filter(({ eventType }) => eventType !== 'guide')
  const twoDaysLater = justAfterMidnight + 2 * 86_400_000
  const days = daysOf(events, twoDaysLater)
  expect(days).toEqual(['2026-02-28', '2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04'])
})
