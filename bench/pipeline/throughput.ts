import { setTimeout as pause } from 'node:timers/promises'
import type { Part, Stack } from './stack.ts'

/** Events that may be on their way: more than the pipeline takes at once, so that it never waits for the load. */
const OUTSTANDING = 50_000
const BATCH = 1_000

/** How long nothing at all may become durable before a run has failed. */
const PATIENCE_MS = 120_000

export interface Throughput {
  readonly events: number
  /** From the first publish until the last event is durable. */
  readonly seconds: number
  /** Events that became durable in each second of the load. */
  readonly perSecond: readonly number[]
  /** Milliseconds from publish to durable, of each event. */
  readonly durable: readonly number[]
  /** Seconds of CPU that each took for one event, in microseconds. */
  readonly cpu: Readonly<Record<Part | 'load', number>>
}

/** Publishes as fast as events become durable: for so many seconds, or so many events. */
export async function fullSpeed(stack: Stack, until: { seconds?: number; events?: number }): Promise<Throughput> {
  const { seconds = Number.POSITIVE_INFINITY, events = Number.POSITIVE_INFINITY } = until
  await warmUp(stack)
  const load = stack.load(Math.min(BATCH, events))
  const before = cpuOf(stack)
  const begun = performance.now()
  const elapsed = () => (performance.now() - begun) / 1_000
  const perSecond: number[] = []
  const durable: number[] = []
  stack.onSettled = (event) => {
    durable.push(Date.now() - load.sentAt(event))
    const second = Math.floor(elapsed())
    while (perSecond.length <= second) perSecond.push(0)
    perSecond[second]!++
  }
  const flights = new Set<Promise<void>>()
  while (elapsed() < seconds && load.sent < events) {
    while (load.room > 0 && stack.published - stack.settled < OUTSTANDING && load.sent < events) {
      const flight: Promise<void> = load.send().finally(() => flights.delete(flight))
      flights.add(flight)
    }
    await Promise.race([...flights, stack.bundle(), pause(100)])
  }
  await allSettled(stack)
  const took = elapsed()
  await pause(1_100) // until the last samples are there
  const after = cpuOf(stack)
  const cpu = (part: keyof typeof after) => ((after[part] - before[part]) / load.sent) * 1e6
  return {
    events: load.sent,
    seconds: took,
    durable,
    perSecond: perSecond.slice(0, Math.floor(Math.min(took, seconds))),
    cpu: { emulators: cpu('emulators'), pipeline: cpu('pipeline'), load: cpu('load') },
  }
}

/** Until a first bundle is durable: the pipeline has started, and has read the tables' and the folder's state. */
export async function warmUp(stack: Stack): Promise<void> {
  await stack.load(BATCH).send()
  await allSettled(stack)
}

/** Waits until all that was published is durable; throws when nothing new becomes so for too long. */
export async function allSettled(stack: Stack): Promise<void> {
  let [most, since] = [0, performance.now()]
  while (stack.settled < stack.published) {
    if (stack.settled > most) [most, since] = [stack.settled, performance.now()]
    const left = since + PATIENCE_MS - performance.now()
    if (left <= 0) throw new Error(`${stack.published - most} events did not become durable.`)
    await Promise.race([stack.bundle(), pause(left, undefined, { ref: false })]) // a bundle may hold nothing new
  }
}

function cpuOf(stack: Stack): Record<Part | 'load', number> {
  const { user, system } = process.cpuUsage()
  return { emulators: last(stack, 'emulators'), pipeline: last(stack, 'pipeline'), load: (user + system) / 1e6 }
}

const last = (stack: Stack, part: Part) => stack.samples(part).at(-1)?.cpu ?? 0
