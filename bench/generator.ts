/**
 * The event generator: how well it keeps its pace, what that costs, and how fast a batch goes. Emulators, service and this
 * process are three processes, so that each one's share of a core can be told. Nothing is compressed: a minute is a minute.
 */
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../clock/index.ts'
import { connect } from '../src/clients.ts'
import { batchingTopic, type GeneratedMessage, generateMessages, publishTo } from '../src/generator/index.ts'
import { provision } from '../src/resources.ts'
import { parseSettings } from '../src/settings.ts'
import { spawnSluice } from '../tests/harness.ts'
import { EMULATORS, exported } from './emulators.ts'
import { machine, percent, spread, whole } from './report.ts'

/** Told apart by what they publish, so that they may run at the same time. */
const RATES = [
  { perMinute: 60, type: 'order' },
  { perMinute: 6_000, type: 'inventory' },
  { perMinute: 50_000, type: 'user_activity' },
]
const REPETITIONS = 3
/** Every window of a minute that begins in the first fifteen seconds. */
const PACED_MINUTES = 1.25
const CPU_SECONDS = 10
const BATCH = 20_000

export async function run(): Promise<void> {
  await using stack = await start()
  console.log(`${machine()}\n${REPETITIONS} repetitions: median (least to most)\n`)
  await pacing(stack)
  await cpu(stack)
  await throughput(stack)
}

async function start() {
  await using starting = new AsyncDisposableStack()
  const emulators = starting.use(spawnSluice(EMULATORS, {}))
  const environment = await exported(emulators)
  const settings = parseSettings(environment)
  const clients = starting.use(connect(settings))
  await provision(clients, settings)
  // Nobody reads it here, and what nobody reads would only pile up.
  await clients.pubsub.subscription(settings.resources.pipelineSubscription).delete()
  const service = starting.use(spawnSluice(['generator', '--port', '0'], environment))
  let url: string | undefined
  for await (const line of service.lines) {
    url = /http:\S+(?=,)/.exec(line)?.[0]
    if (url) break
  }
  const running = starting.move()
  return { settings, clients, url: url!, [Symbol.asyncDispose]: () => running.disposeAsync() }
}
type Stack = Awaited<ReturnType<typeof start>>

async function post({ url }: Stack, path: string, body: object) {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return response.json() as Promise<{ state: string; published: number }>
}

/** The times at which Pub/Sub took the messages, which is after the client's batching of 10 ms. */
async function pacing(stack: Stack): Promise<void> {
  const { clients, settings } = stack
  const errors = RATES.map((): number[] => [])
  const crowds = RATES.map((): number[] => [])
  for (let i = 0; i < REPETITIONS; i++) {
    const [subscription] = await clients.pubsub.topic(settings.resources.topic).createSubscription(`bench-${i}`)
    const times = new Map(RATES.map(({ type }) => [type, [] as number[]]))
    subscription.on('message', (message) => {
      times.get(message.attributes.event_type!)!.push(message.publishTime.getTime())
      message.ack()
    })
    for (const { perMinute, type } of RATES) {
      const load = { events_per_minute: perMinute, duration_minutes: PACED_MINUTES, event_types: [type], seed: i }
      await post(stack, '/generate/start', load)
    }
    await pause(PACED_MINUTES * 60_000 + 1_000)
    await subscription.delete()
    RATES.forEach(({ perMinute, type }, rate) => {
      const sorted = times.get(type)!.sort((a, b) => a - b)
      errors[rate]!.push(worstMinute(sorted, perMinute))
      crowds[rate]!.push(fullestSecond(sorted) / (perMinute / 60))
    })
  }
  console.log('Pacing, the three at the same time: the worst of all windows of one minute')
  RATES.forEach(({ perMinute }, rate) => {
    const error = spread(errors[rate]!, percent(3))
    const crowd = spread(crowds[rate]!, (value) => `${value.toFixed(2)} ×`)
    console.log(`  ${whole(perMinute).padStart(6)}/min  off by ${error}; the fullest second has ${crowd} its share`)
  })
}

/** A minute's worth of messages takes a minute: by which part of it, at most, it takes more or less. */
function worstMinute(times: readonly number[], perMinute: number): number {
  const spans = times.slice(perMinute).map((time, i) => Math.abs(time - times[i]! - 60_000) / 60_000)
  if (spans.length === 0) throw new Error(`Only ${times.length} messages came, which is less than a minute’s worth.`)
  return Math.max(...spans)
}

function fullestSecond(times: readonly number[]): number {
  let first = 0
  return times.reduce((most, time, last) => {
    while (times[first]! <= time - 1_000) first++
    return Math.max(most, last - first + 1)
  }, 0)
}

/** The floor is a process that publishes prepared messages at the same rate, and makes and counts nothing. */
async function cpu(stack: Stack): Promise<void> {
  const perMinute = RATES.at(-1)!.perMinute
  const shares: number[] = []
  const floors: number[] = []
  for (let i = 0; i < REPETITIONS; i++) {
    await post(stack, '/generate/start', { events_per_minute: perMinute, duration_minutes: 10, seed: i })
    await pause(1_000)
    const before = await cpuSeconds(stack)
    await pause(CPU_SECONDS * 1_000)
    shares.push(((await cpuSeconds(stack)) - before) / CPU_SECONDS)
    await fetch(`${stack.url}/generate/stop`, { method: 'DELETE' })
    floors.push(await plainLoopCpu(stack, prepared((perMinute * CPU_SECONDS) / 60)))
  }
  console.log(`\nCPU at ${whole(perMinute)}/min, as a part of one core`)
  console.log(`  service     ${spread(shares, percent(1))}`)
  console.log(`  plain loop  ${spread(floors, percent(1))}`)
  console.log(`  service / plain loop  ${spread(ratios(shares, floors), (value) => value.toFixed(2))}`)
}

async function cpuSeconds({ url }: Stack): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(metrics)?.[1])
}

const prepared = (count: number): GeneratedMessage[] => [
  ...generateMessages({ seed: 1, count, eventTimes: { from: systemClock.now() - 60_000, to: systemClock.now() } }),
]

async function plainLoopCpu({ clients, settings }: Stack, messages: GeneratedMessage[]): Promise<number> {
  const publish = publishTo(batchingTopic(clients.pubsub, settings.resources.topic))
  const everyMs = 10
  const atOnce = (messages.length * everyMs) / (CPU_SECONDS * 1_000)
  const before = process.cpuUsage()
  const begun = performance.now()
  let sent = 0
  const done = new EventTarget()
  const timer = setInterval(() => {
    const due = Math.min(messages.length, Math.floor(((performance.now() - begun) / everyMs) * atOnce))
    for (; sent < due; sent++) void publish(messages[sent]!)
    if (sent === messages.length) done.dispatchEvent(new Event('done'))
  }, everyMs)
  await once(done, 'done')
  clearInterval(timer)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000 / (performance.now() - begun)
}

/** The floor is a loop that publishes prepared messages; the service makes its own meanwhile, and counts them. */
async function throughput(stack: Stack): Promise<void> {
  const { clients, settings } = stack
  const batches: number[] = []
  const floors: number[] = []
  const messages = prepared(BATCH)
  // Once for nothing, so that neither is measured cold.
  for (let i = -1; i < REPETITIONS; i++) {
    const load = { events_per_minute: BATCH, duration_minutes: 1, seed: i + 1 }
    const { seconds, result } = await timed(() => post(stack, '/generate/batch', load))
    if (result.published !== BATCH) throw new Error(`The batch ended so: ${JSON.stringify(result)}`)
    const publish = publishTo(batchingTopic(clients.pubsub, settings.resources.topic))
    const plain = await timed(() => Promise.all(messages.map(publish)))
    if (i < 0) continue
    batches.push(BATCH / seconds)
    floors.push(BATCH / plain.seconds)
  }
  console.log(`\nBatch of ${whole(BATCH)}, in messages per second`)
  console.log(`  service     ${spread(batches, whole)}`)
  console.log(`  plain loop  ${spread(floors, whole)}`)
  console.log(`  service / plain loop  ${spread(ratios(batches, floors), (value) => value.toFixed(2))}`)
}

const ratios = (values: readonly number[], floors: readonly number[]) => values.map((value, i) => value / floors[i]!)

async function timed<Result>(work: () => Promise<Result>): Promise<{ seconds: number; result: Result }> {
  const begun = performance.now()
  const result = await work()
  return { seconds: (performance.now() - begun) / 1_000, result }
}
