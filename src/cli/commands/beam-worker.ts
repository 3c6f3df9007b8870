import { once } from 'node:events'
import { Command } from 'commander'
import { interrupted } from '../interrupted.ts'

interface Options {
  readonly id: string
  readonly control: string
}

/** For runners, not for people: hence not in the list of commands. */
export const beamWorker = () =>
  new Command('beam-worker')
    .description('Work for a portable Beam runner, until it or the process that started this one is gone.')
    .requiredOption('--id <id>', 'what the runner calls this worker')
    .requiredOption('--control <host:port>', "the runner's control service")
    .action(run)

async function run({ id, control }: Options): Promise<void> {
  // The SDK says on standard output whatever it is asked, but that is for the bundles.
  console.log = console.debug = console.info = console.warn = () => {}
  const parentIsGone = once(process.stdin.resume(), 'close')
  const { chosenBackend } = await import('../chosen-backend.ts')
  const settings = await chosenBackend()
  const [{ runPipelineWorker }, { connect }, { createLog }, { destination }] = await Promise.all([
    import('../../../pipeline/index.ts'),
    import('../../clients.ts'),
    import('../../log.ts'),
    import('pino'),
  ])
  const log = createLog('worker', destination(2))
  console.error = (what: unknown, error: unknown) => log.error({ error }, String(what))
  await using clients = connect(settings)
  const work = runPipelineWorker({
    id,
    control,
    clients,
    settings,
    log,
    onBundle: (bundle) => process.stdout.write(`${JSON.stringify(bundle)}\n`),
  })
  await Promise.race([work, interrupted(), parentIsGone])
}
