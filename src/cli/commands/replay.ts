import { Command } from 'commander'
import type { ReplayOptions } from '../replay/run.ts'

export const replay = () =>
  new Command('replay')
    .description('Publish recorded fixtures to a pipeline of their own and compare what it makes of them.')
    .argument('<folder...>', 'a fixture: fixture.json, messages.ndjson and expected/')
    .option('--update', 'take what the pipeline makes now for expected/')
    .option('--json', 'print the verdicts as JSON')
    .addHelpText('after', '\nExit code 1 when an output differs or an event is unaccounted for.')
    .action(async (folders: string[], options: ReplayOptions) =>
      (await import('../replay/run.ts')).run(folders, options),
    )
