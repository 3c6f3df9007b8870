import { type Backlog, type TakeRequest, UnorderedBacklog } from './backlog.ts'
import type { Entry } from './leases.ts'
import type { Message } from './message.ts'
import { Queue } from './queue.ts'
import { Schedule } from './schedule.ts'

/** The messages of one ordering key. A lane is open, or sleeps until a time, or has messages out; never two of these. */
interface Lane {
  readonly key: string
  readonly waiting: Queue<Entry>
  /** Delivered and not all acknowledged, in order; the first is not acknowledged. */
  out: Entry[]
  readonly acknowledged: Set<Entry>
  /** When a failed message may be delivered again; undefined when none has failed. */
  wakeAt: number | undefined
}

/**
 * With ordering: a key's messages are delivered in the order of their publication, one group at a time. When one of a
 * group fails, it and all after it are delivered again, also those already acknowledged
 * (cloud.google.com/pubsub/docs/ordering#receive_messages_in_order). Messages without a key have no order.
 */
export class OrderedBacklog implements Backlog {
  #unordered = new UnorderedBacklog()
  #lanes = new Map<string, Lane>()
  #open = new Queue<Lane>()
  /** Messages in open lanes. */
  #takeable = 0
  #sleeping = new Schedule<Lane>()
  #turn = false

  get ready(): number {
    return this.#unordered.ready + this.#takeable
  }

  add(message: Message): void {
    const { orderingKey: key } = message
    if (key === '') {
      this.#unordered.add(message)
      return
    }
    const known = this.#lanes.get(key)
    const lane = known ?? { key, waiting: new Queue(), out: [], acknowledged: new Set(), wakeAt: undefined }
    lane.waiting.push({ message, failures: 0, lease: undefined })
    if (!known) this.#lanes.set(key, lane)
    if (!known) this.#openLane(lane)
    else if (lane.out.length === 0 && lane.wakeAt === undefined) this.#takeable++
  }

  take(request: TakeRequest, wanted: (message: Message) => boolean): Entry[] {
    this.#turn = !this.#turn // with and without key take turns to be first
    const takers = [
      (rest: TakeRequest) => this.#unordered.take(rest, wanted),
      (rest: TakeRequest) => this.#takeOrdered(rest, wanted),
    ]
    const taken: Entry[] = []
    for (const taker of this.#turn ? takers : takers.reverse()) taken.push(...taker(left(request, taken)))
    return taken
  }

  settle(entry: Entry): void {
    const lane = this.#laneOf(entry)
    if (!lane) return
    lane.acknowledged.add(entry)
    const first = lane.out.findIndex((other) => !lane.acknowledged.has(other))
    const done = lane.out.splice(0, first < 0 ? lane.out.length : first)
    for (const settled of done) lane.acknowledged.delete(settled)
    if (lane.out.length === 0) this.#rest(lane)
  }

  retry(entry: Entry, time: number): Entry[] {
    const lane = this.#laneOf(entry)
    if (!lane) return this.#unordered.retry(entry, time)
    const recalled = this.#recall(lane, entry)
    lane.wakeAt = time
    if (lane.out.length === 0) this.#rest(lane)
    return recalled
  }

  remove(entry: Entry): Entry[] {
    const lane = this.#laneOf(entry)
    if (!lane) return []
    const recalled = this.#recall(lane, entry)
    lane.waiting.shift()
    if (lane.out.length === 0) this.#rest(lane)
    return recalled
  }

  inOrder(entry: Entry): boolean {
    const lane = this.#laneOf(entry)
    return !lane || lane.out[0] === entry
  }

  wake(now: number): void {
    this.#unordered.wake(now)
    for (const lane of this.#sleeping.takeDue(now)) this.#openLane(lane)
  }

  nextWake(): number | undefined {
    const times = [this.#unordered.nextWake(), this.#sleeping.next()].filter((time) => time !== undefined)
    return times.length > 0 ? Math.min(...times) : undefined
  }

  *waiting(): Generator<Message> {
    yield* this.#unordered.waiting()
    for (const { waiting } of this.#lanes.values()) for (const { message } of waiting) yield message
  }

  sweep(wanted: (message: Message) => boolean): number | undefined {
    let oldest = this.#unordered.sweep(wanted) ?? Number.POSITIVE_INFINITY
    for (const { waiting } of this.#lanes.values()) {
      waiting.keep(({ message }) => wanted(message))
      oldest = Math.min(oldest, waiting.first()?.message.publishTime ?? Number.POSITIVE_INFINITY)
    }
    this.#takeable = [...this.#open].reduce((sum, { waiting }) => sum + waiting.length, 0)
    return Number.isFinite(oldest) ? oldest : undefined
  }

  #takeOrdered({ max, maxBytes, maxPerKey }: TakeRequest, wanted: (message: Message) => boolean): Entry[] {
    const taken: Entry[] = []
    let bytes = 0
    while (taken.length < max && bytes < maxBytes) {
      const lane = this.#open.shift()
      if (!lane) break
      this.#takeable -= lane.waiting.length
      while (taken.length < max && bytes < maxBytes && lane.out.length < maxPerKey && lane.waiting.length > 0) {
        const entry = lane.waiting.shift()!
        if (!wanted(entry.message)) continue
        lane.out.push(entry)
        taken.push(entry)
        bytes += entry.message.size
      }
      if (lane.out.length === 0) this.#rest(lane)
    }
    return taken
  }

  /** Puts an entry and all that were delivered after it back. Returns those after it. */
  #recall(lane: Lane, entry: Entry): Entry[] {
    const back = lane.out.splice(lane.out.lastIndexOf(entry))
    for (const recalled of back) lane.acknowledged.delete(recalled)
    lane.waiting.unshift(back)
    return back.slice(1)
  }

  /** Nothing of the lane is out any more. */
  #rest(lane: Lane): void {
    if (lane.waiting.length === 0) this.#lanes.delete(lane.key)
    else if (lane.wakeAt === undefined) this.#openLane(lane)
    else this.#sleeping.add(lane, lane.wakeAt)
  }

  #openLane(lane: Lane): void {
    lane.wakeAt = undefined
    this.#open.push(lane)
    this.#takeable += lane.waiting.length
  }

  #laneOf({ message }: Entry): Lane | undefined {
    return message.orderingKey === '' ? undefined : this.#lanes.get(message.orderingKey)
  }
}

function left({ max, maxBytes, maxPerKey }: TakeRequest, taken: readonly Entry[]): TakeRequest {
  const bytes = taken.reduce((sum, { message }) => sum + message.size, 0)
  return { max: max - taken.length, maxBytes: maxBytes - bytes, maxPerKey }
}
