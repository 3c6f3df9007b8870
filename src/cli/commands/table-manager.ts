import { Command } from 'commander'
import { announce } from '../announce.ts'
import { host, port } from '../arguments.ts'
import { interrupted } from '../interrupted.ts'

interface Options {
  readonly host: string
  readonly port: number
  readonly subscribe?: string | true
}

export const tableManager = () =>
  new Command('table-manager')
    .description('Run the table manager, a Cloud Function, in the Functions Framework until interrupted.')
    .addOption(host())
    .option('--port <port>', '0 takes a free port', port, 8787)
    .option(
      '--subscribe [url]',
      'make the resources that are missing, and let the push subscription push here; Pub/Sub may need another URL for it',
    )
    .addHelpText('after', '\nCounts for Prometheus are at /metrics.')
    .action(run)

async function run(options: Options): Promise<void> {
  const end = interrupted()
  const { chosenBackend } = await import('../chosen-backend.ts')
  const settings = await chosenBackend()
  const [{ loadFramework }, { createLog }] = await Promise.all([
    import('../../tables/index.ts'),
    import('../../log.ts'),
  ])
  const { serveFunction } = await loadFramework()
  const log = createLog('table-manager')
  await using manager = await serveFunction({ ...options, settings, log })
  if (options.subscribe !== undefined) {
    const [{ connect }, { provision }] = await Promise.all([import('../../clients.ts'), import('../../resources.ts')])
    await using clients = connect(settings)
    const { subscribe } = options
    const endpoint = subscribe === true ? manager.url : subscribe
    log.info(await provision(clients, settings, { tablesPushEndpoint: endpoint }), `pushes are to come to ${endpoint}`)
  }
  log.info({ url: manager.url, metrics: manager.metricsUrl }, 'the table manager is up')
  announce(manager.url)
  await end
}
