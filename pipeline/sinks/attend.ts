import type { Services } from '../bundle.ts'
import type { Outcome } from '../outcome.ts'

/** What a sink writes as one. */
export interface Group {
  /** Where it goes, `files of order`: whatever else goes there waits in the same lane. */
  readonly lane: string
  messageIds(): readonly string[]
}

/**
 * Does a group's work, and notes in the bundle's outcome what became of it. Undefined: it failed, or where the runner
 * lets bundles go on without a group that is slow (a runner whose engine settles whole bundles does not), it was left
 * to end on its own.
 */
export async function attend<Result>(
  { outcome, lanes }: Pick<Services, 'outcome' | 'lanes'>,
  { lane, messageIds }: Group,
  work: () => Promise<Result>,
  note: (outcome: Outcome, result: Result) => void,
): Promise<Result | undefined> {
  let result: Result | undefined
  let record = (_outcome: Outcome): void => {}
  const attempt = async () => {
    try {
      const written = await work()
      result = written
      record = (noted) => note(noted, written)
    } catch (error) {
      record = (noted) => noted.fail(messageIds(), error, lane)
    }
  }
  const attended = lanes ? await lanes.attend(lane, attempt) : await attempt().then(() => ({ state: 'done' as const }))
  if (attended.state === 'done') {
    record(outcome)
    return result
  }
  const { state, done } = attended
  outcome.leave({ lane, state, messageIds: messageIds(), ended: done.then(() => record) })
  return undefined
}
