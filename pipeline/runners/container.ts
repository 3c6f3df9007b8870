import type { Clock } from '../../clock/index.ts'
import { type BootArguments, provisionOf } from '../beam/worker-boot.ts'
import { WorkerLog } from '../beam/worker-log.ts'
import { Child } from './child.ts'

export interface ContainerOptions extends BootArguments {
  /** The command of a worker's process; `--id` and `--control` are added. */
  readonly command: readonly [string, ...string[]]
  /** The environment of a worker that the job gives these variables. */
  readonly environment: (variables: Readonly<Record<string, string>>) => Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  /** A line of a worker, which the runner is told as well. */
  readonly onLine: (line: string) => void
  /** Ends the workers. */
  readonly end: Promise<unknown>
}

/**
 * What a worker's container does, in place of Beam's own /opt/apache/beam/boot: asks its runner what to do and starts a
 * process for each worker, since one process uses one core. Rejects as soon as one of them dies: the runner then starts
 * the container again, and gives what was under way to others.
 */
export async function runContainer(options: ContainerOptions): Promise<void> {
  const { workerIds, control, logging, variables } = await provisionOf(options)
  await using running = new AsyncDisposableStack()
  const workers = workerIds.map((id) => {
    const log = logging === undefined ? undefined : running.use(new WorkerLog(id, logging))
    const onLine = (line: string) => {
      options.onLine(line)
      log?.write(line, options.clock.now())
    }
    const worker = new Child([...options.command, '--id', id, '--control', control], {
      onOutput: onLine,
      onComplaint: onLine,
      environment: options.environment(variables),
    })
    running.use(worker)
    return worker.ended.then((how) => {
      // A runner that has no more use for a worker lets it go, and with it the container.
      if (how !== 0) throw new Error(`Worker ${id} has died (${how}).`)
    })
  })
  await Promise.race([options.end, Promise.all(workers)])
}
