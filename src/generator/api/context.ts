import type { Clock } from '../../../clock/index.ts'
import type { Settings } from '../../settings.ts'
import type { GeneratedMessage } from '../message.ts'
import type { SeededSource } from '../sample-source.ts'
import type { Tasks } from '../tasks.ts'
import type { Metrics } from './metrics.ts'

/** What the routes work with. */
export interface Context {
  readonly settings: Settings
  readonly clock: Clock
  readonly tasks: Tasks
  readonly metrics: Metrics
  /** A seed that was not used before. */
  readonly newSeed: () => number
  /** What samples without a seed of their own are drawn from. */
  readonly source: SeededSource
  /** Publishes at once, and does not try for long. */
  readonly publishNow: (message: GeneratedMessage) => Promise<string>
  /** Rejects when the topic cannot be published to. */
  readonly findTopic: () => Promise<void>
}
