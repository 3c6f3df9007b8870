import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../clock/index.ts'
import { batchingTopic, generateMessages, publishTo, runScenario } from '../../src/generator/index.ts'
import type { Reconciliation } from '../../src/outputs/index.ts'
import { provision } from '../../src/resources.ts'
import { applyTables } from '../../src/tables/index.ts'
import { type Backend, reconciled, startBackend } from '../harness.ts'
import { Fleet } from './fleet.ts'
import { type Act, faultsOf, type Plan, planOf, STORM_MS } from './plan.ts'
import { Weather } from './weather.ts'

const START = Date.parse('2024-01-15T10:30:00Z')
/** Longer than the pipeline's subscription lets a dead process keep its messages. */
const LEASE_MS = 10 * 60_000
/**
 * How long nothing may become durable in good weather before what is left counts as stuck: longer than a pipeline waits
 * for an attempt, and than two take to start on a machine that is busy.
 */
const PATIENCE_MS = 90_000
/** How long no pipeline may report a bundle before they count as idle: time may move then, and take nobody's lease away. */
const IDLE_MS = 2_000

export interface StormResult {
  readonly seed: number
  readonly plan: Plan
  readonly reconciliation: Reconciliation
  /** Calls that were made to fail. */
  readonly faults: number
  readonly kills: number
  /** How each pipeline ended when it was asked to. */
  readonly ends: readonly (number | NodeJS.Signals)[]
  readonly seconds: number
}

interface Published {
  readonly event_id: string
  readonly message_id: string
}

/** Lets events flow through pipelines while all that the seed plans goes wrong, and judges what they wrote. */
export async function storm(seed: number, events = 5_000): Promise<StormResult> {
  const started = performance.now()
  const plan = planOf(seed)
  const weather = new Weather(faultsOf(seed, plan.faultRate))
  await using backend = await startBackend({
    start: START,
    faults: weather.faults,
    ...(plan.missing === 'the tables' && { tables: 'none' }),
  })
  const { bucket, pipelineSubscription } = backend.settings.resources
  if (plan.exactlyOnce) {
    await backend.clients.pubsub.subscription(pipelineSubscription).setMetadata({ enableExactlyOnceDelivery: true })
  }
  if (plan.missing === 'the bucket') await backend.clients.storage.bucket(bucket).delete()
  weather.begin()
  await using fleet = new Fleet(plan.pipelines, backend.environment)
  const [published] = await Promise.all([
    publish(backend, seed, events),
    suffer(plan.acts, { backend, weather, fleet }),
  ])
  weather.end()
  await calmDown(backend, fleet, published)
  const ends = await fleet.end()
  const reconciliation = await reconciled(backend, published)
  const seconds = (performance.now() - started) / 1_000
  return { seed, plan, reconciliation, faults: weather.struck, kills: fleet.kills, ends, seconds }
}

/** Spread over the storm, with repeated, malformed and late ones among them. */
async function publish({ clients, settings }: Backend, seed: number, events: number): Promise<Published[]> {
  const published: Published[] = []
  const some = { seed, malformedRatio: 0.02, duplicateRatio: 0.05 }
  const late = Math.round(events / 50)
  const onTime = generateMessages({ ...some, count: events - late, eventTimes: { from: START - 300_000, to: START } })
  const lateOnes = generateMessages({
    ...some,
    seed: seed + 1_000_000,
    count: late,
    eventTimes: { from: START - 90_000_000, to: START - 86_400_000 },
  })
  await runScenario({
    messages: interleaved([...onTime], [...lateOnes]),
    publish: publishTo(batchingTopic(clients.pubsub, settings.resources.topic)),
    clock: systemClock,
    eventsPerMinute: (events / STORM_MS) * 60_000,
    onPublished: ({ eventId: event_id }, message_id) => published.push({ event_id, message_id }),
  })
  if (published.length !== events) throw new Error(`only ${published.length} of ${events} messages were published`)
  return published
}

/** The few, each at its place among the many. */
function interleaved<Item>(many: readonly Item[], few: readonly Item[]): Item[] {
  const every = Math.floor(many.length / (few.length + 1))
  return many.flatMap((item, i) => (i % every === every - 1 ? [item, ...few.slice(i / every, i / every + 1)] : [item]))
}

interface Scene {
  readonly backend: Backend
  readonly weather: Weather
  readonly fleet: Fleet
}

async function suffer(acts: readonly Act[], scene: Scene): Promise<void> {
  const started = performance.now()
  for (const act of acts) {
    await pause(Math.max(0, started + act.at - performance.now()))
    await perform(act, scene)
  }
}

async function perform(act: Act, { backend, weather, fleet }: Scene): Promise<void> {
  switch (act.kind) {
    case 'kill':
      return fleet.kill(act.which)
    case 'drop connections':
      return backend.emulators[act.of].dropConnections()
    case 'outage':
      return weather.outage(act.of, act.ms)
    case 'acks are lost':
      return weather.loseAcks(act.when, act.ms)
    case 'leases expire':
      return backend.clock.advance(LEASE_MS)
    case 'make what is missing':
      return weather.spare(async () => {
        await provision(backend.clients, backend.settings)
        await applyTables(backend.clients, backend.settings)
      })
  }
}

/** Waits until all is durable. What dead processes hold, and what was given back, comes when time moves. */
async function calmDown({ clock }: Backend, fleet: Fleet, published: readonly Published[]): Promise<void> {
  let quietSince = performance.now()
  let durable = 0
  while (published.some(({ message_id }) => !fleet.durable.has(message_id))) {
    if (!(await fleet.works(IDLE_MS))) clock.advance(LEASE_MS)
    if (fleet.durable.size > durable) quietSince = performance.now()
    durable = fleet.durable.size
    if (performance.now() - quietSince > PATIENCE_MS) return // reconcile will name what is left
  }
}
