import { Command } from 'commander'

export const down = () =>
  new Command('down')
    .description('End the containers of `sluice up`, and all that they hold.')
    .action(async () => (await import('../up/down.ts')).run())
