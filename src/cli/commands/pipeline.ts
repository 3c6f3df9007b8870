import { Command } from 'commander'
import { announce } from '../announce.ts'
import { host, port, positiveNumber } from '../arguments.ts'
import { interrupted } from '../interrupted.ts'

interface Options {
  readonly bundleMessages?: number
  readonly bundleSeconds?: number
  readonly host: string
  readonly port?: number
}

export const pipeline = () =>
  new Command('pipeline')
    .description('Run the pipeline until interrupted, against the backend that the settings name.')
    .option('--bundle-messages <n>', 'how many messages make a full bundle', positiveNumber)
    .option(
      '--bundle-seconds <n>',
      'how long a bundle waits for more messages; 5 or more on Google Cloud',
      positiveNumber,
    )
    .addOption(host())
    .option('--port <port>', 'answer GET /health there; 0 takes a free port', port)
    .addHelpText(
      'after',
      `
Prints one JSON line for each bundle when it is durable, before it is
acknowledged. BigQuery allows 10,000 write streams an hour, and a bundle takes one
for each type and minute of its events: so let bundles wait there.`,
    )
    .action(run)

async function run({ bundleMessages, bundleSeconds, host, port }: Options): Promise<void> {
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
  // Before the pipeline, so that it answers until the last bundle is done.
  await using face =
    port === undefined ? undefined : await (await import('../pipeline/face.ts')).startFace({ host, port })
  await using running = await startPipeline({
    clients,
    settings,
    log: createLog('pipeline', destination(2)), // standard output is for the bundles
    bundle: {
      ...(bundleMessages && { maxMessages: bundleMessages }),
      ...(bundleSeconds && { maxWaitMs: bundleSeconds * 1_000 }),
    },
    onBundle: (bundle) => console.log(JSON.stringify(bundle)),
  })
  face?.say('open')
  announce(face?.url)
  await Promise.race([end, running.stopped])
  face?.say('closing')
}
