import { Command } from 'commander'
import { systemClock } from '../../../clock/index.ts'
import { announce } from '../announce.ts'
import { host, port, positiveNumber } from '../arguments.ts'
import { interrupted } from '../interrupted.ts'

interface Options {
  readonly bundleMessages?: number
  readonly bundleSeconds?: number
  readonly host: string
  readonly json?: true
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
    .option('--port <port>', 'answer GET /health and GET /metrics there; 0 takes a free port', port)
    .option('--json', 'JSON lines on a terminal too')
    .addHelpText(
      'after',
      `
Tells of each bundle when it is durable, before it is acknowledged: in one line
on a terminal, else in JSON (docs/observability.md). BigQuery allows 10,000 write streams an hour, and a bundle takes one
for each type and minute of its events: so let bundles wait there.`,
    )
    .action(run)

async function run({ bundleMessages, bundleSeconds, host, port, json }: Options): Promise<void> {
  const end = interrupted()
  const { chosenBackend } = await import('../chosen-backend.ts')
  const settings = await chosenBackend()
  const [
    { createPipelineMetrics, startPipeline },
    { printBundle, wordsOn },
    { startFace },
    { connect },
    { createLog },
    { destination },
    { subscriptionIsThere },
  ] = await Promise.all([
    import('../../../pipeline/index.ts'),
    import('../pipeline/print.ts'),
    import('../pipeline/face.ts'),
    import('../../clients.ts'),
    import('../../log.ts'),
    import('pino'),
    import('../reachable.ts'),
  ])
  const forPeople = !json && process.stdout.isTTY
  // Standard output is for the bundles.
  const log = createLog('pipeline', forPeople ? wordsOn(process.stderr, systemClock) : destination(2))
  const metrics = port === undefined ? undefined : await createPipelineMetrics(systemClock)
  await using clients = connect(settings)
  await subscriptionIsThere(clients, settings)
  // Before the pipeline, so that it answers until the last bundle is done.
  await using face = metrics && (await startFace({ host, port: port ?? 0, registry: metrics.registry }))
  await using running = await startPipeline({
    clients,
    settings,
    log,
    ...(metrics && { metrics }),
    bundle: {
      ...(bundleMessages && { maxMessages: bundleMessages }),
      ...(bundleSeconds && { maxWaitMs: bundleSeconds * 1_000 }),
    },
    onBundle: printBundle(process.stdout, { json: !forPeople, clock: systemClock }),
  })
  face?.say('open')
  if (face) log.info({ url: face.url }, `the pipeline is up: ${face.url}/health and /metrics`)
  announce(face?.url)
  await Promise.race([end, running.stopped])
  face?.say('closing')
}
