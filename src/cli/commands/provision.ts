import { Command } from 'commander'

export const provision = () =>
  new Command('provision')
    .description('Make what is missing: topics, subscription, bucket, dataset and tables.')
    .addHelpText(
      'after',
      '\nWhat is there stays as it is. Without emulators of your own, `sluice dev` does all of this.',
    )
    .action(run)

async function run(): Promise<void> {
  const { chosenBackend } = await import('../chosen-backend.ts')
  const settings = await chosenBackend()
  const [{ connect }, resources, { applyTables }, { pubsubIsThere }] = await Promise.all([
    import('../../clients.ts'),
    import('../../resources.ts'),
    import('../../tables/index.ts'),
    import('../reachable.ts'),
  ])
  await using clients = connect(settings)
  await pubsubIsThere(clients, settings)
  const { created, updated, existing } = await resources.provision(clients, settings)
  const tables = await applyTables(clients, settings)
  const list = (what: string, names: readonly string[]) => {
    if (names.length > 0) console.log(`${what.padEnd(10)} ${names.join(`\n${' '.repeat(11)}`)}`)
  }
  list('made', created)
  list('changed', updated)
  list('was there', existing)
  list(
    'tables',
    tables.map(({ table, outcome }) => `${table}: ${outcome}`),
  )
}
