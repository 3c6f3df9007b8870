/**
 * How long `sluice replay` takes over a large fixture, beside the floor of the pipeline: a plain loop that parses,
 * validates, encodes and writes as many events, and has neither Pub/Sub nor Beam nor anything to compare with.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { manyEvents } from '../scripts/fixtures/generated.ts'
import { writeRecipe } from '../scripts/fixtures.ts'
import type { Verdict } from '../src/replay/index.ts'
import { spawnSluice } from '../tests/harness.ts'
import { floors } from './pipeline/floors.ts'
import { say } from './pipeline/measures.ts'
import { machine, median, spread, whole } from './report.ts'

interface Replayed {
  /** From the start of the process to its end. */
  readonly seconds: number
  /** Bytes at most. */
  readonly rss: number
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { events: { type: 'string', default: '100000' }, runs: { type: 'string', default: '3' } },
  })
  const [events, runs] = [Number(values.events), Number(values.runs)]
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  try {
    say(machine())
    const recipe = manyEvents(events)
    await writeRecipe(recipe, folder)
    const fixture = join(folder, recipe.path)
    say('… what the pipeline makes of the fixture today')
    await replay(['--update', fixture])
    const floor: number[] = []
    const replayed: Replayed[] = []
    for (let i = 0; i < runs; i++) {
      say(`… run ${i + 1} of ${runs}`)
      floor.push(...floors(1).map(({ perSecond }) => events / perSecond))
      replayed.push(await replay([fixture]))
    }
    const seconds = replayed.map((one) => one.seconds)
    const decimal = (value: number) => value.toFixed(1)
    console.log(`${machine()}, medians of ${runs}
replay of ${whole(events)} messages  ${spread(seconds, decimal)} s
floor                       ${spread(floor, decimal)} s
to floor                    ${spread(
      seconds.map((took, i) => took / floor[i]!),
      decimal,
    )}
memory at most              ${whole(median(replayed.map(({ rss }) => rss)) / 1e6)} MB`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Throws when an output is not as expected: then the time means nothing. */
async function replay(args: readonly string[]): Promise<Replayed> {
  const started = performance.now()
  await using sluice = spawnSluice(['replay', '--json', ...args], {})
  let rss = 0
  const watching = setInterval(() => {
    rss = Math.max(rss, mostMemory(sluice.pid))
  }, 200)
  sluice.ended.then(() => clearInterval(watching))
  const lines = await Array.fromAsync(sluice.lines)
  const [verdict] = JSON.parse(lines.join('\n')) as Verdict[]
  if ((await sluice.ended) !== 0) throw new Error(`The replay is ${verdict?.outcome}: ${await sluice.complaints}`)
  return { seconds: (performance.now() - started) / 1_000, rss }
}

/** In bytes, so far; 0 when the process has just ended. */
function mostMemory(pid: number): number {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kilobytes ?? 0) * 1024
  } catch {
    return 0
  }
}
