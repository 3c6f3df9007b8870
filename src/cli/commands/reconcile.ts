import { Command } from 'commander'
import type { ReconcileOptions } from '../reconcile/run.ts'
import { withExtent } from '../sql/extent-options.ts'

export const reconcile = () =>
  withExtent(
    new Command('reconcile').description('Prove that rows, raw lines and dead letters say the same, each event once.'),
  )
    .option('--published <file>', 'NDJSON with the event_id of each message that must be there too')
    .option('--settle <time>', 'how long the row of a raw line may take: 30s, 2m (0s for a folder)', '2m')
    .option('--json', 'print what was found as JSON')
    .option('--markdown', 'print it in Markdown')
    .addHelpText(
      'after',
      `
Every raw line must have its row and every row its raw line, in the right place
and with the same values; every dead letter a row and a line. What was published
and never written is known only from --published.
On docker and gcp the last hour is looked at unless told otherwise.
Exit code 1 when it does not reconcile.

  sluice reconcile
  sluice reconcile --from 2024-01-15 --to 2024-01-15 --types order
  sluice reconcile --folder kept --published kept/published.ndjson --markdown`,
    )
    .action(async (options: ReconcileOptions) => (await import('../reconcile/run.ts')).run(options))
