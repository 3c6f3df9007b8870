import { Command, Option } from 'commander'
import { announce } from '../announce.ts'
import { host, port, positiveNumber } from '../arguments.ts'
import { interrupted } from '../interrupted.ts'
import { type DataflowCommand, refuseDataflowChoices, withDataflowOptions } from '../pipeline/dataflow-choices.ts'
import { type FlinkChoices, refuseFlinkChoices } from '../pipeline/flink-choices.ts'
import { UserError } from '../user-error.ts'

interface Options extends FlinkChoices, DataflowCommand {
  readonly runner: 'local' | 'flink' | 'dataflow'
  readonly bundleMessages?: number
  readonly bundleSeconds?: number
  readonly host: string
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
      .option('--port <port>', 'answer GET /health there; 0 takes a free port', port)
      .addOption(
        new Option('--runner <runner>', 'in this process, on Apache Flink, or on Google Cloud Dataflow')
          .choices(['local', 'flink', 'dataflow'])
          .default('local'),
      )
      .option('--parallelism <n>', 'on Flink: how many slots, each with a worker process (default: 1)', positiveNumber)
      .option('--checkpoint-seconds <n>', 'on Flink: how often messages are acknowledged (default: 10)', positiveNumber)
      .option('--flink-master <host:port>', "on Flink: a cluster's REST address (default: a Flink of its own)")
      .option('--jars <folder>', "on Flink: Beam's and Flink's jars (default: where scripts/fetch-flink.sh puts them)")
      .addHelpText(
        'after',
        `
Prints one JSON line for each bundle when it is durable, before it is
acknowledged. BigQuery allows 10,000 write streams an hour, and a bundle takes one
for each type and minute of its events: so let bundles wait there.

On Dataflow the command submits the job, prints one JSON line about it, and ends.
A bundle is then what comes of one type and minute within --bundle-seconds
(default: 10), or --bundle-messages of it (default: 5000). The region is
SLUICE_REGION. See docs/scaling.md.`,
      )
      .action(run),
  )

async function run(options: Options): Promise<void> {
  const { bundleMessages, bundleSeconds, host, port } = options
  if (options.runner !== 'flink') refuseFlinkChoices(options)
  if (options.runner === 'dataflow') {
    if (port !== undefined) throw new UserError('--port is for a pipeline that runs here, not on Dataflow.')
    return await (await import('../pipeline/on-dataflow.ts')).submitToDataflow(options)
  }
  refuseDataflowChoices({ ...options })
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
  const log = createLog('pipeline', destination(2)) // standard output is for the bundles
  if (options.runner === 'flink') {
    const { runOnFlink } = await import('../pipeline/on-flink.ts')
    return await runOnFlink({ ...options, settings, log, face, end })
  }
  await using running = await startPipeline({
    clients,
    settings,
    log,
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
