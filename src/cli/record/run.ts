import { randomBytes } from 'node:crypto'
import { systemClock } from '../../../clock/index.ts'
import { connect } from '../../clients.ts'
import { Capture, listen, type Origin, Pseudonyms, Redactor } from '../../recording/index.ts'
import { labelsOf } from '../../resources.ts'
import { count, counted } from '../../text.ts'
import { chosenBackend } from '../chosen-backend.ts'
import { interrupted } from '../interrupted.ts'
import { pubsubIsThere } from '../reachable.ts'
import { UserError } from '../user-error.ts'

export interface RecordOptions {
  readonly topic?: string
  readonly subscription?: string
  /** Milliseconds. */
  readonly for?: number
  readonly count?: number
  readonly out: string
  readonly description?: string
  readonly redact?: readonly string[]
  readonly sample?: number
}

/** Records until the time is over, the messages are there, or the user ends it; then prints what it has. */
export async function run(options: RecordOptions): Promise<void> {
  const ended = interrupted()
  const origin = originOf(options)
  if (options.for === undefined && options.count === undefined) throw new UserError('say --for or --count.')
  const redactor = options.redact && new Redactor(options.redact, new Pseudonyms(randomBytes(32)))
  const { sample } = options
  const settings = await chosenBackend()
  await using clients = connect(settings)
  await pubsubIsThere(clients, settings)
  const capture = await Capture.begin(options.out, { ...(redactor && { redactor }), ...(sample && { sample }) })
  try {
    const recorded_at = new Date(systemClock.now()).toISOString()
    await collect(
      capture,
      ended,
      async (take) => {
        const name = `sluice-record-${randomBytes(8).toString('hex')}`
        const listening = await listen(clients.pubsub, origin, { name, labels: labelsOf(settings), take })
        console.log(`Recording through the subscription ${name}, which is removed afterwards; Ctrl+C ends it early.`)
        return listening
      },
      options,
    )
    if (capture.tally.kept === 0) throw new UserError('no message came, so there is nothing to keep.')
    const [[kind, name]] = Object.entries(origin) as [[string, string]]
    const source = `${kind} ${name} of ${settings.projectId}`
    const description = options.description ?? `Recorded from the ${source}.`
    const about = await capture.finish({ description, source, recorded_at })
    console.log(inWords(about.counts.messages, capture, options))
  } catch (thrown) {
    await capture.discard()
    throw thrown
  }
}

function originOf({ topic, subscription }: RecordOptions): Origin {
  if (topic !== undefined && subscription === undefined) return { topic }
  if (topic === undefined && subscription !== undefined) return { subscription }
  throw new UserError('say what to record: either --topic or --subscription.')
}

type Take = (message: Parameters<Capture['add']>[0]) => Promise<void>

async function collect(
  capture: Capture,
  ended: Promise<unknown>,
  start: (take: Take) => ReturnType<typeof listen>,
  options: Pick<RecordOptions, 'for' | 'count'>,
): Promise<void> {
  const most = options.count ?? Number.POSITIVE_INFINITY
  const complete = Promise.withResolvers<void>()
  let isOver = false
  await using listening = await start(async (message) => {
    if (isOver || capture.tally.kept >= most) return
    await capture.add(message)
    if (capture.tally.kept >= most) complete.resolve()
  })
  const { promise: timeIsUp, resolve } = Promise.withResolvers<void>()
  // The connection keeps the process alive meanwhile.
  const cancel = options.for === undefined ? () => {} : systemClock.at(systemClock.now() + options.for, resolve)
  await Promise.race([timeIsUp, complete.promise, ended, listening.failed]).finally(cancel)
  isOver = true
}

function inWords(messages: number, { tally }: Capture, { out, redact, sample }: RecordOptions): string {
  return [
    `Recorded ${counted(messages, 'message')} in ${out}.`,
    ...(sample === undefined ? [] : [`Left out ${count(tally.leftOut)} of events that are not in the sample.`]),
    ...(redact === undefined ? [] : [`Redacted ${redact.join(', ')}; the key of the pseudonyms is gone.`]),
    ...(tally.masked === 0
      ? []
      : [`Of ${counted(tally.masked, 'message')} nothing could be read, so all of the data was replaced by filling.`]),
    `Next, see what the pipeline makes of it: sluice replay --update ${out}`,
  ].join('\n')
}
