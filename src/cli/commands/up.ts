import { Command } from 'commander'
import type { UpOptions } from '../up/run.ts'

export const up = () =>
  new Command('up')
    .description('Run everything in containers, and leave it running; `sluice dev` does without.')
    .option('--docker', 'on Docker Compose, with the well-known third-party emulators')
    .option('--embedded', 'with Sluice’s own emulators in their place')
    .option('--json', 'print JSON: what listens where, and which variables to export')
    .addHelpText('after', '\nVariables that choose other ports are in docker-compose.yml; 0 takes a free port.')
    .action(async (options: UpOptions) => (await import('../up/run.ts')).run(options))
