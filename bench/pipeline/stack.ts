/** Emulators in one process and `sluice pipeline` in another, as users run them, and what they are seen to do. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Clients, connect } from '../../src/clients.ts'
import { provision } from '../../src/resources.ts'
import { parseSettings, type Settings } from '../../src/settings.ts'
import { applyTables } from '../../src/tables/index.ts'
import { reconciled, type SluiceProcess, spawnSluice } from '../../tests/harness.ts'
import { EMULATORS, exported } from '../emulators.ts'
import { eventId, Load, numberOf } from './load.ts'
import type { Sample } from './probe.ts'

export type Part = 'emulators' | 'pipeline'

export interface Stack extends AsyncDisposable {
  readonly settings: Settings
  readonly clients: Clients
  /** A load of requests of so many messages each, whose events follow on those of the last one. */
  load(batch: number): Load
  /** Events that were sent in all. */
  readonly published: number
  /** Distinct events that the pipeline has said to be durable. */
  readonly settled: number
  /** Called with the number of each event when it is first said to be durable. */
  onSettled: (event: number) => void
  /** Resolves with the next bundle. */
  bundle(): Promise<void>
  samples(part: Part): Sample[]
  /** Has both collect their garbage: their last samples say what they hold. */
  collectGarbage(): Promise<void>
  /** Ends both as Ctrl+C does; the profiles are written then. */
  end(): Promise<void>
  /** Throws unless each event that was published is there, once, as a row and as a raw line that agree. */
  check(): Promise<void>
}

/** Enough for a collection of a gigabyte, and for the sample after it. */
const GARBAGE_MS = 3_000

export interface StackOptions {
  /** A folder for CPU profiles, `emulators.cpuprofile` and `pipeline.cpuprofile`. */
  readonly profiles?: string
  /** The address that the pipeline is given for BigQuery instead of its own. */
  readonly bigqueryThrough?: (host: string) => Promise<string>
}

export async function startStack({ profiles, bigqueryThrough }: StackOptions = {}): Promise<Stack> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  await using starting = new AsyncDisposableStack()
  starting.defer(() => rmSync(folder, { recursive: true }))
  const spawn = (part: Part, args: readonly string[], environment: Record<string, string>) =>
    starting.use(
      spawnSluice(args, {
        ...environment,
        SLUICE_BENCH_PROBE: join(folder, part),
        NODE_OPTIONS: [`--import ${import.meta.dirname}/probe.ts`, ...profiling(part, profiles)].join(' '),
      }),
    )

  const emulators = spawn('emulators', EMULATORS, {})
  const environment = await exported(emulators)
  const settings = parseSettings(environment)
  const clients = starting.use(connect(settings))
  await provision(clients, settings)
  await applyTables(clients, settings)
  const through = await bigqueryThrough?.(environment.BIGQUERY_EMULATOR_HOST!)
  const pipeline = spawn('pipeline', ['pipeline'], {
    ...environment,
    ...(through && { BIGQUERY_EMULATOR_HOST: through }),
  })
  const watched = watch(pipeline)

  const loads: Load[] = []
  const publishedSoFar = () => loads.reduce((sum, { sent }) => sum + sent, 0)
  const running = starting.move()
  return {
    bundle: watched.bundle,
    get settled() {
      return watched.settled
    },
    get onSettled() {
      return watched.onSettled
    },
    set onSettled(call) {
      watched.onSettled = call
    },
    settings,
    clients,
    get published() {
      return publishedSoFar()
    },
    load(batch) {
      const host = environment.PUBSUB_EMULATOR_HOST!
      const topic = `projects/${settings.projectId}/topics/${settings.resources.topic}`
      const load = running.use(new Load({ host, topic, batch, first: publishedSoFar() }))
      loads.push(load)
      return load
    },
    samples: (part) =>
      readFileSync(join(folder, part), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Sample),
    async collectGarbage() {
      for (const process of [pipeline, emulators]) process.kill('SIGUSR2')
      await pause(GARBAGE_MS)
    },
    async end() {
      for (const process of [pipeline, emulators]) {
        process.kill('SIGINT')
        await process.ended
      }
    },
    async check() {
      const count = publishedSoFar()
      const published = Array.from({ length: count }, (_, i) => ({ event_id: eventId(i) }))
      const { missing, duplicated, unexpected, differing, strangeFiles } = await reconciled(
        { clients, settings },
        published,
      )
      const found = Object.entries({ missing, duplicated, unexpected, differing, strangeFiles })
      const faults = found.flatMap(([what, { length }]) => (length > 0 ? [`${what} ${length}`] : []))
      if (faults.length > 0) throw new Error(`Of ${count} events: ${faults.join(', ')}.`)
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

const profiling = (part: Part, folder?: string) =>
  folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${part}.cpuprofile`]

/** Reads the line that the pipeline prints for each bundle that is durable. */
function watch(pipeline: SluiceProcess): Pick<Stack, 'settled' | 'onSettled' | 'bundle'> {
  const seen = new Set<number>()
  let next = Promise.withResolvers<void>()
  const watched = {
    get settled() {
      return seen.size
    },
    onSettled: (_event: number) => {},
    bundle: () => next.promise,
  }
  const read = async () => {
    for await (const line of pipeline.lines) {
      const { settled } = JSON.parse(line) as { settled: readonly string[] }
      for (const event of settled.map(numberOf)) {
        if (seen.has(event)) continue
        seen.add(event)
        watched.onSettled(event)
      }
      next.resolve()
      next = Promise.withResolvers()
    }
    next.reject(new Error(`The pipeline has ended: ${await pipeline.complaints}`))
    next.promise.catch(() => {}) // as it should at the end, when nobody waits
  }
  void read()
  return watched
}
