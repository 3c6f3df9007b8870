import { join } from 'node:path'
import { MissingError, startFlink } from '../../../pipeline/index.ts'
import type { Logger } from '../../log.ts'
import { cacheFolder, type Settings } from '../../settings.ts'
import { announce } from '../announce.ts'
import { MAIN } from '../itself.ts'
import { UserError } from '../user-error.ts'
import type { Face } from './face.ts'
import type { FlinkChoices } from './flink-choices.ts'

/** Flink's and Beam's, as scripts/flink/pom.xml has them. */
export const FLINK_JARS = '1.19-2.62.0'

const BUNDLE = { maxMessages: 5000, maxWaitMs: 1000 }

interface Choices extends FlinkChoices {
  readonly bundleMessages?: number
  readonly bundleSeconds?: number
  readonly settings: Settings
  readonly log: Logger
  readonly face: Face | undefined
  readonly end: Promise<unknown>
}

/** Runs the pipeline on Flink until `end`. Its workers print a JSON line for each bundle that is durable. */
export async function runOnFlink(choices: Choices): Promise<void> {
  const { settings, log, face, end } = choices
  await using running = await started({
    settings,
    jars: choices.jars ?? join(cacheFolder(), 'flink', FLINK_JARS),
    parallelism: choices.parallelism ?? 1,
    checkpointSeconds: choices.checkpointSeconds ?? 10,
    bundle: {
      maxMessages: choices.bundleMessages ?? BUNDLE.maxMessages,
      maxWaitMs: choices.bundleSeconds ? choices.bundleSeconds * 1_000 : BUNDLE.maxWaitMs,
    },
    workerCommand: [process.execPath, ...process.execArgv, MAIN, 'beam-worker'],
    log,
    onLine: (line) => console.log(line),
    onComplaint: (line) => console.error(line),
  })
  face?.say('open')
  announce(face?.url)
  await Promise.race([end, running.ended])
  face?.say('closing')
}

async function started(options: Parameters<typeof startFlink>[0]): ReturnType<typeof startFlink> {
  try {
    return await startFlink(options)
  } catch (thrown) {
    throw thrown instanceof MissingError ? new UserError(thrown.message) : thrown
  }
}
