import { Command, Option } from 'commander'
import { systemClock } from '../../../clock/index.ts'
import { announce } from '../announce.ts'
import { host, port, positiveNumber } from '../arguments.ts'
import { interrupted } from '../interrupted.ts'
import { type DataflowCommand, refuseDataflowChoices, withDataflowOptions } from '../pipeline/dataflow-choices.ts'
import { type FlinkChoices, jars, parallelism, refuseFlinkChoices } from '../pipeline/flink-choices.ts'
import { UserError } from '../user-error.ts'

interface Options extends FlinkChoices, DataflowCommand {
  readonly runner: 'local' | 'flink' | 'dataflow'
  readonly bundleMessages?: number
  readonly bundleSeconds?: number
  readonly host: string
  readonly json?: true
  readonly port?: number
}

export const pipeline = () =>
  withDataflowOptions(
    new Command('pipeline')
      .description('Run the pipeline until interrupted, against the backend that the settings name.')
      .option('--bundle-messages <n>', 'how many messages make a full bundle', positiveNumber)
      .option(
        '--bundle-seconds <n>',
        'how long a bundle waits for more messages; 5 or more on Google Cloud',
        positiveNumber,
      )
      .addOption(host())
      .option('--port <port>', 'answer GET /health and, but on Flink, GET /metrics there; 0 takes a free port', port)
      .option('--json', 'JSON lines on a terminal too')
      .addOption(
        new Option('--runner <runner>', 'in this process, on Apache Flink, or on Google Cloud Dataflow')
          .choices(['local', 'flink', 'dataflow'])
          .default('local'),
      )
      .addOption(parallelism())
      .option('--checkpoint-seconds <n>', 'on Flink: how often messages are acknowledged (default: 10)', positiveNumber)
      .addOption(jars())
      .addHelpText(
        'after',
        `
Tells of each bundle when it is durable, before it is acknowledged: in one line
on a terminal, else in JSON (docs/observability.md). BigQuery allows 10,000
write streams an hour, and a bundle takes one for each type and minute of its
events: so let bundles wait there.

On Dataflow the command submits the job, prints one JSON line about it, and ends.
A bundle is then what comes of one type and minute within --bundle-seconds
(default: 10), or --bundle-messages of it (default: 5000). The region is
SLUICE_REGION. See docs/scaling.md.`,
      )
      .action(run),
  )

async function run(options: Options): Promise<void> {
  const { bundleMessages, bundleSeconds, host, port, json } = options
  if (options.runner !== 'flink') refuseFlinkChoices(options)
  if (options.runner === 'dataflow') {
    if (port !== undefined) throw new UserError('--port is for a pipeline that runs here, not on Dataflow.')
    return await (await import('../pipeline/on-dataflow.ts')).submitToDataflow(options)
  }
  refuseDataflowChoices({ ...options })
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
  // On Flink the work is done in other processes, so this one has nothing to count.
  const metrics =
    port === undefined || options.runner === 'flink' ? undefined : await createPipelineMetrics(systemClock)
  await using clients = connect(settings)
  await subscriptionIsThere(clients, settings)
  // Before the pipeline, so that it answers until the last bundle is done.
  await using face =
    port === undefined ? undefined : await startFace({ host, port, ...(metrics && { registry: metrics.registry }) })
  if (options.runner === 'flink') {
    const { runOnFlink } = await import('../pipeline/on-flink.ts')
    return await runOnFlink({ ...options, settings, log, face, end })
  }
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
