import { Command } from 'commander'
import { announce } from '../announce.ts'
import { port } from '../arguments.ts'
import { interrupted } from '../interrupted.ts'

interface Options {
  readonly host: string
  readonly port: number
}

export const tables = () =>
  new Command('tables')
    .description('Run the table manager until interrupted: it takes pushes of events and makes their tables.')
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--port <port>', '0 takes a free port', port, 8081)
    .action(run)

async function run({ host, port }: Options): Promise<void> {
  const end = interrupted()
  const { parseSettings } = await import('../../settings.ts')
  const settings = parseSettings()
  const [{ startTableManager }, { connect }, { createLog }, { destination }] = await Promise.all([
    import('../../tables/index.ts'),
    import('../../clients.ts'),
    import('../../log.ts'),
    import('pino'),
  ])
  await using clients = connect(settings)
  await using running = await startTableManager({
    clients,
    settings,
    host,
    port,
    log: createLog('table-manager', destination(2)), // standard output is for people
  })
  console.log(`The table manager listens on ${running.url}, for a push subscription to push to`)
  announce(running.url)
  await end
}
