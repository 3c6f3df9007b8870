import type { Clock } from '../../../clock/index.ts'
import { ServiceError } from '../../shared/index.ts'
import type { Broker } from './broker.ts'
import { parseName } from './names.ts'
import { existing, exists, inProject } from './resources.ts'
import { Snapshot } from './snapshot.ts'
import type { Labels, Topic } from './topic.ts'

const HOUR_MS = 3_600_000
/** Less the age of the oldest message (google.pubsub.v1.Snapshot.expire_time). */
const LONGEST_LIFE_MS = 7 * 24 * HOUR_MS

/** All snapshots that have not expired. */
export class Snapshots {
  #broker: Broker
  #clock: Clock
  #all = new Map<string, Snapshot>()

  constructor(broker: Broker, clock: Clock) {
    this.#broker = broker
    this.#clock = clock
  }

  /** FAILED_PRECONDITION when it would live for less than an hour. */
  create(name: string, subscriptionName: string, labels: Labels): Snapshot {
    this.#forgetExpired()
    const { id } = parseName('snapshots', name)
    const subscription = this.#broker.attachedSubscription(subscriptionName)
    if (this.#all.has(name)) throw exists(id)
    const now = this.#clock.now()
    const messages = subscription.unacknowledged()
    const oldest = messages.reduce((first, { publishTime }) => Math.min(first, publishTime), now)
    const expireTime = oldest + LONGEST_LIFE_MS
    if (expireTime - now < HOUR_MS) {
      throw new ServiceError(
        'FAILED_PRECONDITION',
        'The snapshot would expire in less than 1 hour: the oldest message in the backlog is too old.',
      )
    }
    const snapshot = new Snapshot({ name, topic: subscription.topic, expireTime, labels, messages })
    this.#all.set(name, snapshot)
    snapshot.topic.snapshots.add(snapshot)
    return snapshot
  }

  get(name: string): Snapshot {
    this.#forgetExpired()
    return existing(this.#all, 'snapshots', name)
  }

  /** Those of `projects/{project}`, by name. */
  in(project: string): Snapshot[] {
    this.#forgetExpired()
    return inProject(this.#all, project)
  }

  /** Those of a topic, by name. */
  of(topic: Topic): Snapshot[] {
    this.#forgetExpired()
    return [...topic.snapshots].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  delete(name: string): void {
    this.#forget(this.get(name))
  }

  #forgetExpired(): void {
    const now = this.#clock.now()
    for (const snapshot of this.#all.values()) if (snapshot.expireTime <= now) this.#forget(snapshot)
  }

  #forget(snapshot: Snapshot): void {
    this.#all.delete(snapshot.name)
    snapshot.topic.snapshots.delete(snapshot)
  }
}
