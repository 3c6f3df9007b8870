import type { Command } from 'commander'

export interface ExtentOptions {
  readonly from?: string
  readonly to?: string
  readonly all?: true
  readonly types?: string
  readonly folder?: string
}

/** The options by which a command says which outputs it means. */
export const withExtent = (command: Command): Command =>
  command
    .option('--from <time>', 'from this event time on: 2024-01-15, 2024-01-15T10:30Z, or 2h (ago)')
    .option('--to <time>', 'up to this event time; a day counts in full')
    .option('--all', 'all times, also where that may be a lot')
    .option('--types <list>', 'these types of events alone: order,inventory')
    .option('--folder <dir>', 'what `sluice e2e --keep <dir>` left, instead of a backend')
