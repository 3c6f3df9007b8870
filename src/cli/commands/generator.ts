import { Command } from 'commander'
import { announce } from '../announce.ts'
import { host, port } from '../arguments.ts'
import { interrupted } from '../interrupted.ts'

interface Options {
  readonly host: string
  readonly port: number
}

export const generator = () =>
  new Command('generator')
    .description('Run the event generator’s REST API until interrupted, against the backend that the settings name.')
    .addOption(host())
    .option('--port <port>', '0 takes a free port', port, 8080)
    .action(run)

async function run({ host, port }: Options): Promise<void> {
  const end = interrupted()
  const { chosenBackend } = await import('../chosen-backend.ts')
  const settings = await chosenBackend()
  const [{ startGenerator }, { connect }, { createLog }, { destination }] = await Promise.all([
    import('../../generator/index.ts'),
    import('../../clients.ts'),
    import('../../log.ts'),
    import('pino'),
  ])
  await using clients = connect(settings)
  await using running = await startGenerator({
    clients,
    settings,
    host,
    port,
    log: createLog('generator', destination(2)), // standard output is for people
  })
  console.log(`The generator listens on ${running.url}, documented at ${running.url}/docs`)
  console.log(
    `It publishes to ${settings.resources.topic} of ${settings.projectId}; Ctrl+C stops its tasks and ends it.`,
  )
  announce(running.url)
  await end
}
