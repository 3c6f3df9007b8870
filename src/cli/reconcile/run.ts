import { join } from 'node:path'
import { systemClock } from '../../../clock/index.ts'
import { deadLetters, events } from '../../catalogue/index.ts'
import { DEAD_LETTER, type Extent, temporaryPlace } from '../../outputs/index.ts'
import { unlessInterrupted } from '../interrupted.ts'
import type { ExtentOptions } from '../sql/extent-options.ts'
import { gather } from '../sql/gather.ts'
import { standardOutput } from '../sql/output.ts'
import { UserError } from '../user-error.ts'
import { isGood, judge } from './judge.ts'
import { readPublished } from './published.ts'
import { markdown, report } from './report.ts'

export interface ReconcileOptions extends ExtentOptions {
  readonly published?: string
  readonly settle: string
  readonly json?: true
  readonly markdown?: true
}

/** Every table of events with its type, and that of dead letters. */
const TYPE_OF = new Map([
  ...Array.from(events.values(), ({ table, type }) => [table, type] as const),
  [deadLetters.table, DEAD_LETTER],
])

/** Collects, judges, prints what was found and sets the exit code. */
export async function run(options: ReconcileOptions): Promise<void> {
  if (options.json && options.markdown) throw new UserError('choose one of --json and --markdown.')
  const settle = durationOf(options.settle)
  const published = options.published === undefined ? [] : await readPublished(options.published)
  const output = standardOutput(process.stdout)
  await using place = await temporaryPlace()
  // Whatever is written while we look may have been looked for too early. Nothing that lies in a folder is on its way.
  const settledBefore = options.folder === undefined ? systemClock.now() - settle : Number.POSITIVE_INFINITY
  const gathered = await unlessInterrupted(gather(options, join(place.path, 'outputs')))
  const judgement = await unlessInterrupted(judge({ ...gathered, published, settledBefore, typeOf: TYPE_OF }))
  const about = gathered.isDefault
    ? `${gathered.about} (the last hour; --from, --to or --all say otherwise)`
    : gathered.about
  const text = options.json
    ? JSON.stringify({ reconciled: isGood(judgement), about, ...judgement }, null, 2)
    : options.markdown
      ? markdown(judgement, { about })
      : report(judgement, { about, width: output.width, bounds: boundsOf(options, gathered.extent) })
  await output.write(`${text}\n`)
  process.exitCode = isGood(judgement) ? 0 : 1
}

/** The options with which another command looks at the same. */
function boundsOf({ folder }: ReconcileOptions, { from, to }: Extent): string {
  const at = (time: number) => `${new Date(time).toISOString().slice(0, 16)}Z`
  const bounds = [
    ...(folder === undefined ? [] : [`--folder '${folder.replaceAll("'", "'\\''")}'`]),
    ...(from === undefined ? [] : [`--from ${at(from)}`]),
    ...(to === undefined ? [] : [`--to ${at(to)}`]),
  ]
  return bounds.map((bound) => ` ${bound}`).join('')
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 }

function durationOf(text: string): number {
  const [, amount, unit] = /^(\d{1,6})([smh])$/.exec(text) ?? []
  if (unit === undefined) throw new UserError(`--settle ${text}: that is no duration; say 30s, 2m or 1h.`)
  return Number(amount) * UNITS[unit]!
}
