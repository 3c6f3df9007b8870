import { Command } from 'commander'
import { wholeNumber } from '../arguments.ts'
import type { E2eOptions } from '../e2e/run.ts'

export const e2e = () =>
  new Command('e2e')
    .description('Run the whole pipeline offline, and account for every event.')
    .option('--events <n>', 'how many events to generate', wholeNumber, 2_000)
    .option('--seed <n>', 'the same seed generates the same events', wholeNumber, 1)
    .option('--keep <dir>', 'keep raw files, table rows and the list of what was published in this empty folder')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', '\nExit code 1 when an event is unaccounted for, or the answers of both engines differ.')
    .action(async (options: E2eOptions) => (await import('../e2e/run.ts')).run(options))
