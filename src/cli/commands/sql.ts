import { Command } from 'commander'
import { withExtent } from '../sql/extent-options.ts'
import type { SqlOptions } from '../sql/run.ts'

export const sql = () =>
  withExtent(
    new Command('sql')
      .description('Ask DuckDB about everything that the pipeline wrote: rows, raw files, dead letters.')
      .argument('[query]', 'one or more statements; without it a shell, or what standard input says'),
  )
    .option('--records', 'a line for each value')
    .option('--json', 'print an array of objects')
    .option('--csv', 'print CSV')
    .option('--markdown', 'print a table in Markdown')
    .addHelpText(
      'after',
      `
Tables: bq.orders and the others of BigQuery with bq.dead_letters; raw.order and
one for each type of raw files with raw._dead_letter; raw._files. trace('ID')
tells where an event is. Nothing can be changed, and no other file be read.
On docker and gcp the last hour is collected unless told otherwise.

  sluice sql "SELECT status, count(*) FROM bq.orders GROUP BY ALL"
  sluice sql "FROM trace('evt-7d0f')" --records
  sluice sql "FROM bq.dead_letters" --from 2024-01-15 --to 2024-01-15 --csv`,
    )
    .action(async (query: string | undefined, options: SqlOptions) =>
      (await import('../sql/run.ts')).run(query, options),
    )
