import { Command } from 'commander'
import { announce } from '../announce.ts'
import { positiveNumber } from '../arguments.ts'
import { interrupted } from '../interrupted.ts'

export const pipeline = () =>
  new Command('pipeline')
    .description('Run the pipeline until interrupted, against the backend that the settings name.')
    .option('--bundle-messages <n>', 'how many messages make a full bundle', positiveNumber)
    .addHelpText('after', '\nPrints one JSON line for each bundle when it is durable, before it is acknowledged.')
    .action(run)

async function run({ bundleMessages }: { bundleMessages?: number }): Promise<void> {
  const end = interrupted()
  const { chosenBackend } = await import('../chosen-backend.ts')
  const settings = await chosenBackend()
  const [{ startPipeline }, { connect }, { createLog }, { destination }, { subscriptionIsThere }] = await Promise.all([
    import('../../../pipeline/index.ts'),
    import('../../clients.ts'),
    import('../../log.ts'),
    import('pino'),
    import('../reachable.ts'),
  ])
  await using clients = connect(settings)
  await subscriptionIsThere(clients, settings)
  await using running = await startPipeline({
    clients,
    settings,
    log: createLog('pipeline', destination(2)), // standard output is for the bundles
    ...(bundleMessages && { bundle: { maxMessages: bundleMessages } }),
    onBundle: (bundle) => console.log(JSON.stringify(bundle)),
  })
  announce()
  await Promise.race([end, running.stopped])
}
