import { Command } from 'commander'
import { wholeNumber } from '../arguments.ts'
import type { E2eOptions } from '../e2e/run.ts'

export const e2e = () =>
  new Command('e2e')
    .description('Run events through the whole pipeline, and account for every one.')
    .option('--events <n>', 'how many events to generate', wholeNumber, 2_000)
    .option('--seed <n>', 'the same seed generates the same events', wholeNumber, 1)
    .option('--keep <dir>', 'keep raw files, table rows and the list of what was published in this empty folder')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `
Brings its own emulators, table manager and pipeline, unless SLUICE_BACKEND is
docker or gcp: then it uses those that run there, and judges its own events alone.
Exit code 1 when an event is unaccounted for, or both engines' answers differ.`,
    )
    .action(async (options: E2eOptions) => (await import('../e2e/run.ts')).run(options))
