import { Command } from 'commander'
import { wholeNumber } from '../arguments.ts'
import { unlessInterrupted } from '../interrupted.ts'

interface Options {
  readonly tablesPushEndpoint?: string
  readonly wait: number
}

export const provision = () =>
  new Command('provision')
    .description('Make what is missing: topics, subscriptions, bucket, dataset and tables.')
    .option('--tables-push-endpoint <url>', 'where the table manager is pushed to; without it, no such subscription')
    .option('--wait <seconds>', 'how long to wait for emulators that are still starting', wholeNumber, 0)
    .addHelpText(
      'after',
      '\nWhat is there stays as it is, but for that endpoint. Without emulators of your own, `sluice dev` does all of this.',
    )
    .action((options: Options) => unlessInterrupted(run(options)))

async function run({ tablesPushEndpoint, wait }: Options): Promise<void> {
  const { chosenBackend } = await import('../chosen-backend.ts')
  const settings = await chosenBackend()
  const [{ connect }, resources, { applyTables, pushUrl }, { pubsubIsThere }, { emulatorsAnswer }] = await Promise.all([
    import('../../clients.ts'),
    import('../../resources.ts'),
    import('../../tables/index.ts'),
    import('../reachable.ts'),
    import('../emulators-answer.ts'),
  ])
  if (settings.endpoints && wait > 0) await emulatorsAnswer(settings.endpoints, wait, (line) => console.log(line))
  await using clients = connect(settings)
  await pubsubIsThere(clients, settings)
  const { created, updated, existing } = await resources.provision(clients, settings, {
    ...(tablesPushEndpoint !== undefined && { tablesPushEndpoint: pushUrl(tablesPushEndpoint, settings) }),
  })
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
