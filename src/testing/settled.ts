import type { FailureReport } from '../stack/index.ts'
import { count, counted, wrapped } from '../text.ts'
import type { Inside } from './inside.ts'

/** Messages that never became durable. */
export class NotSettledError extends Error {
  override readonly name = 'NotSettledError'
}

const SHOWN = 10

/** Resolves once all that the topic has taken is durable. Throws a NotSettledError when it does not become so. */
export async function settled({ own, published }: Inside, patienceMs: number): Promise<void> {
  const ended = own.stopped.then(
    () => 'the stack was disposed of',
    (thrown: Error) => `the pipeline has ended: ${thrown.message.replace(/\.$/, '')}`,
  )
  const outcome = await Promise.race([own.settlement.complete(patienceMs), ended])
  if (outcome === true) return
  const because = outcome === false ? `nothing became durable for ${patienceMs / 1_000} s` : outcome
  const outstanding = new Set(own.settlement.outstanding)
  const missing = published.filter(({ message_id }) => outstanding.has(message_id))
  const head = `${count(missing.length)} of ${counted(published.length, 'message')} never became durable: ${because}.`
  throw new NotSettledError(
    [
      wrapped(head),
      ...missing.slice(0, SHOWN).map(({ event_id, message_id }) => `  ${nameOf(event_id, message_id)}`),
      ...(missing.length > SHOWN ? [`  … and ${count(missing.length - SHOWN)} more`] : []),
      ...(outcome === false ? why(own.failures) : []),
      'How far one came, and what the pipeline says:',
      `  await stack.outputs.sql("FROM trace('${missing[0]?.event_id.replaceAll("'", "''")}')")`,
      '  await startStack({ log: console })',
    ].join('\n'),
  )
}

/** What failed may only not be there yet. */
export function notDurableYet({ own }: Pick<Inside, 'own'>): string[] {
  const { length } = own.settlement.outstanding
  if (length === 0) return []
  const [are, they] = length === 1 ? ['is', 'it'] : ['are', 'they']
  return [
    wrapped(`${counted(length, 'message')} ${are} not durable yet: await stack.settled() first, and ${they} will be.`),
  ]
}

const nameOf = (eventId: string, messageId: string) =>
  eventId === messageId ? `message ${messageId}` : `event ${eventId}, message ${messageId}`

/** What kept messages from being written, the last time that something did. */
function why(failures: readonly FailureReport[]): string[] {
  if (failures.length === 0) return ['No attempt of the pipeline has failed.']
  return failures.map(({ call, error, messages }) =>
    wrapped(`Of ${counted(messages, 'message')}: ${call === undefined ? '' : `${call}: `}${error}`),
  )
}
