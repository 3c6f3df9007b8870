import { Command } from 'commander'
import type { DoctorOptions } from '../doctor/run.ts'

export const doctor = () =>
  new Command('doctor')
    .description('Look whether everything is as the pipeline needs it, and say how to mend what is not.')
    .option('--json', 'print what was found as JSON')
    .addHelpText('after', '\nChanges nothing. Exit code 1 when something is at fault.')
    .action(async (options: DoctorOptions) => (await import('../doctor/run.ts')).run(options))
