import { join } from 'node:path'
import { Flink, MissingError } from '../../../pipeline/index.ts'
import type { Logger } from '../../log.ts'
import { cacheFolder, type Settings } from '../../settings.ts'
import { announce } from '../announce.ts'
import { MAIN } from '../itself.ts'
import { UserError } from '../user-error.ts'
import type { Face } from './face.ts'
import type { FlinkChoices } from './flink-choices.ts'

/** Flink's and Beam's, as scripts/flink/pom.xml has them. */
export const FLINK_JARS = '1.19-2.62.0'

/** Starts a worker's process. */
export const WORKER = [process.execPath, ...process.execArgv, MAIN, 'beam-worker'] as const

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
  const { settings, face, end } = choices
  await using flink = await flinkHere(choices)
  await using running = await flink.run({
    settings,
    parallelism: choices.parallelism ?? 1,
    checkpointSeconds: choices.checkpointSeconds ?? 10,
    bundle: {
      maxMessages: choices.bundleMessages ?? BUNDLE.maxMessages,
      maxWaitMs: choices.bundleSeconds ? choices.bundleSeconds * 1_000 : BUNDLE.maxWaitMs,
    },
    workerCommand: WORKER,
    onLine: (line) => console.log(line),
    onComplaint: (line) => console.error(line),
  })
  face?.say('open')
  announce(face?.url)
  await Promise.race([end, running.ended])
  face?.say('closing')
}

/** Throws a UserError where Java or the jars are missing. */
export async function flinkHere({ jars, log }: Pick<Choices, 'jars' | 'log'>): Promise<Flink> {
  try {
    return await Flink.start({ jars: jars ?? join(cacheFolder(), 'flink', FLINK_JARS), log })
  } catch (thrown) {
    throw thrown instanceof MissingError ? new UserError(thrown.message) : thrown
  }
}
