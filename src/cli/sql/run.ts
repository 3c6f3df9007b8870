import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { styleText } from 'node:util'
import { type Explorer, openExplorer, temporaryPlace } from '../../outputs/index.ts'
import { unlessInterrupted } from '../interrupted.ts'
import { UserError } from '../user-error.ts'
import type { ExtentOptions } from './extent-options.ts'
import { type Format, print } from './formats.ts'
import { type Gathered, gather } from './gather.ts'
import { type Output, standardOutput } from './output.ts'
import { ownTerminal, shell } from './shell.ts'
import { isBlank } from './statements.ts'

export interface SqlOptions extends ExtentOptions {
  readonly json?: true
  readonly csv?: true
  readonly markdown?: true
  readonly records?: true
}

/** Answers the query, or standard input's; without either, on a terminal, whatever a person asks. */
export async function run(query: string | undefined, options: SqlOptions): Promise<void> {
  const format = formatOf(options)
  const isShell = query === undefined && process.stdin.isTTY === true
  const asked = isShell ? '' : (query ?? (await text(process.stdin)))
  if (!isShell && isBlank(asked)) throw new UserError('there is no query: sluice sql "SELECT count(*) FROM bq.orders"')
  const output = standardOutput(process.stdout)
  await using place = await temporaryPlace()
  const gathered = await unlessInterrupted(gather(options, join(place.path, 'outputs')))
  await using explorer = await unlessInterrupted(openExplorer({ ...gathered, place: place.path }))
  if (isShell) {
    await output.write(`${about(gathered)}\n`)
    return await unlessInterrupted(shell(explorer, { format, output, terminal: ownTerminal() }))
  }
  // To a person, and to whoever gets a part without having asked for one.
  if (format === 'table' || format === 'records' || gathered.isDefault) console.error(about(gathered))
  await unlessInterrupted(answer(explorer, asked, { format, output }))
}

const about = ({ about: words, isDefault }: Gathered) =>
  styleText('dim', isDefault ? `${words}\n(the last hour; --from, --to or --all say otherwise)` : words, {
    stream: process.stderr,
  })

async function answer(explorer: Explorer, sql: string, { format, output }: { format: Format; output: Output }) {
  let isFirst = true
  for await (const result of explorer.query(sql)) {
    if (!isFirst) await output.write('\n')
    isFirst = false
    await print(result, { format, width: output.width, write: (lines) => output.write(lines) })
  }
}

function formatOf({ json, csv, markdown, records }: SqlOptions): Format {
  const chosen = Object.entries({ json, csv, markdown, records }).filter(([, is]) => is)
  if (chosen.length > 1) throw new UserError(`choose one of ${chosen.map(([name]) => `--${name}`).join(' and ')}.`)
  return (chosen[0]?.[0] as Format | undefined) ?? 'table'
}
