import { Command } from 'commander'
import type { TablesOptions } from '../tables/run.ts'

export const tables = () =>
  new Command('tables')
    .description('Hold the tables of BigQuery against the catalogue, and bring them to it.')
    .addCommand(
      verb('plan', 'Say what apply would do; change nothing.')
        .addHelpText('after', '\nExit code 1 when a table cannot become what its definition says.')
        .action(async (options: TablesOptions) => (await import('../tables/run.ts')).plan(options)),
    )
    .addCommand(
      verb('apply', 'Make the tables that are missing, and change those that may be changed.')
        .addHelpText('after', '\nExit code 1 when a table cannot become what its definition says; it is left as it is.')
        .action(async (options: TablesOptions) => (await import('../tables/run.ts')).apply(options)),
    )
    .addCommand(
      verb('check', 'Name every difference between the tables and the catalogue.')
        .addHelpText(
          'after',
          '\nExit code 1 when there is one. Columns that only a table has are named, but are no difference.',
        )
        .action(async (options: TablesOptions) => (await import('../tables/run.ts')).check(options)),
    )
    .addCommand(
      verb('ddl', 'Print the GoogleSQL that makes the dataset and its tables; no backend is asked.').action(
        async (options: TablesOptions) => (await import('../tables/run.ts')).ddl(options),
      ),
    )

const verb = (name: string, description: string) =>
  new Command(name).description(description).option('--json', 'print JSON')
