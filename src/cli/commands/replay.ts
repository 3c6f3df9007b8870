import { Command, InvalidArgumentError, Option } from 'commander'
import { systemClock } from '../../../clock/index.ts'
import { positiveNumber } from '../arguments.ts'
import { jars, parallelism } from '../pipeline/flink-choices.ts'
import type { ReplayOptions } from '../replay/run.ts'

export const replay = () =>
  new Command('replay')
    .description('Publish recorded fixtures to a pipeline of their own and compare what it makes of them.')
    .argument('<folder...>', 'a fixture (fixture.json, messages.ndjson and expected/), or a folder of fixtures')
    .option('--speed <n>', '1 keeps the recorded timing, 10 is ten times as fast, 0 does not wait', speed, 0)
    .option(
      '--shift-to <time>',
      'move event times as if the replay began then: now, or such as 2024-01-15T10:30:00Z',
      time,
    )
    .option(
      '--patience <seconds>',
      'how long the pipeline may make no progress before it is given up (default: 30, on Flink 120)',
      positiveNumber,
    )
    .addOption(
      new Option('--runner <runner>', 'runs the pipeline in this process, or on Apache Flink in this machine')
        .choices(['local', 'flink'])
        .default('local'),
    )
    .addOption(parallelism())
    .addOption(jars())

    .option('--update', 'take what the pipeline makes now for expected/, and say what that changes')
    .option('--json', 'print the verdicts as JSON')
    .addHelpText(
      'after',
      `
Each fixture has emulators, tables and pipeline of its own, on free ports; and a
table manager, where it is about tables that change (tables_without).
Event times stay as recorded. With --shift-to each event's time is moved by one
and the same whole number of minutes, so that the last message is published at
its recorded time; every other byte stays, and the move is taken back from the
outputs before they are compared. Messages that are no events are not changed.
Flink, which takes Java and what scripts/fetch-flink.sh fetches, is started once
for all fixtures; what is expected is the same as without it.
Exit code 1 when an output differs or an event is unaccounted for.`,
    )
    .action(async (folders: string[], options: ReplayOptions) =>
      (await import('../replay/run.ts')).run(folders, options),
    )

function speed(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It must be a number from 0.')
  return Number(text)
}

function time(text: string): number {
  const at = text === 'now' ? systemClock.now() : Date.parse(text)
  if (Number.isNaN(at)) throw new InvalidArgumentError('It must be now, or a time such as 2024-01-15T10:30:00Z.')
  return at
}
