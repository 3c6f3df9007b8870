import type { WrittenReport } from '../../../pipeline/index.ts'
import { createLog } from '../../log.ts'
import { environmentWithOnly } from '../../settings.ts'
import type { StartPipeline } from '../../stack/index.ts'
import type { FlinkChoices } from '../pipeline/flink-choices.ts'
import { flinkHere, WORKER } from '../pipeline/on-flink.ts'
import { Complaints } from './complaints.ts'

export interface FlinkForReplay extends AsyncDisposable {
  readonly startPipeline: StartPipeline
  /** Of Flink and the workers, about the fixture that was started last. */
  readonly complaints: Complaints
}

/** Nobody waits for a fuller bundle, nor for what a checkpoint acknowledges. */
const JOB = { checkpointSeconds: 1, bundle: { maxMessages: 5_000, maxWaitMs: 300 } }

/**
 * One Flink for all fixtures: the pipeline of each is a job of its own there, with workers of its own. Throws a UserError
 * where Java or the jars are missing.
 */
export async function flinkForReplay({ jars, parallelism = 1 }: FlinkChoices): Promise<FlinkForReplay> {
  const complaints = new Complaints()
  const log = createLog('flink', { write: (line) => complaints.note(line) })
  const flink = await flinkHere({ log, ...(jars !== undefined && { jars }) })
  return {
    complaints,
    async startPipeline({ settings, environment, onBundle }) {
      complaints.clear()
      const running = await flink.run({
        ...JOB,
        settings,
        parallelism,
        workerCommand: WORKER,
        workerEnvironment: environmentWithOnly(environment),
        onLine: (line) => onBundle(JSON.parse(line) as WrittenReport),
        onComplaint: (line) => complaints.note(line),
      })
      return { stopped: running.ended, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() }
    },
    [Symbol.asyncDispose]: () => flink[Symbol.asyncDispose](),
  }
}
