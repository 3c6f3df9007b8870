import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from '../report.ts'
import type { Figure } from './baseline.ts'
import type { Floor } from './floors.ts'
import { latency, percentile } from './latency.ts'
import { memory } from './memory.ts'
import { costs } from './profile.ts'
import { type Stack, startStack } from './stack.ts'
import { type Detour, stall, startDetour } from './stall.ts'
import { fullSpeed } from './throughput.ts'

const PARTS = ['emulators', 'pipeline'] as const
const MB = 1e6
/** A stage that costs less is not worth a line. */
const LEAST_MICROS = 0.5
const WINDOW_SECONDS = 10

/** Progress is no part of the result. */
export const say = (text: string) => console.error(text)

/** One measurement after the other, each on emulators and a pipeline of its own, each reconciled. */
export class Measures {
  readonly figures: Figure[] = []
  readonly #floor: Floor

  constructor(floor: Floor) {
    this.#floor = floor
  }

  async throughput(seconds: number): Promise<void> {
    say(`… ${seconds} s at full speed`)
    await using stack = await startStack()
    const { events, seconds: took, perSecond, cpu } = await fullSpeed(stack, { seconds })
    this.#rate('full speed', events / took)
    const windows = Math.floor(perSecond.length / WINDOW_SECONDS)
    const rates = Array.from({ length: windows }, (_, i) => {
      const window = perSecond.slice(i * WINDOW_SECONDS, (i + 1) * WINDOW_SECONDS)
      return window.reduce((sum, n) => sum + n, 0) / WINDOW_SECONDS
    })
    if (windows > 0) {
      this.#add('full speed, least of all 10 s', Math.min(...rates), 'events/s')
      this.#add('full speed, median of all 10 s', median(rates), 'events/s')
      this.#add('full speed, most of all 10 s', Math.max(...rates), 'events/s')
    }
    for (const part of [...PARTS, 'load'] as const) this.#micros(`CPU of ${part}`, cpu[part])
    await this.#memory('full speed', stack)
    await reconcile(stack)
  }

  async latency(seconds: number): Promise<void> {
    say(`… ${seconds} s at 1,000 events/s`)
    await using stack = await startStack()
    const { durable, visible } = await latency(stack, seconds)
    for (const [what, times] of [['publish → durable', durable] as const, ['publish → row found', visible] as const]) {
      for (const percent of [50, 95, 99]) this.#add(`${what}, p${percent}`, percentile(times, percent), 'ms')
    }
    await reconcile(stack)
  }

  async stall(seconds: number): Promise<void> {
    say(`… BigQuery stands still for ${seconds} s`)
    await using closing = new AsyncDisposableStack()
    let detour: Detour | undefined
    const stack = closing.use(
      await startStack({
        bigqueryThrough: async (host) => {
          detour = closing.use(await startDetour(host))
          return detour.host
        },
      }),
    )
    await stall(stack, detour!, seconds)
    await this.#memory('BigQuery stalled', stack)
    await reconcile(stack)
  }

  async profile(seconds: number): Promise<void> {
    say(`… ${seconds} s with a profiler`)
    const profiles = mkdtempSync(join(tmpdir(), 'sluice-profiles-'))
    try {
      await using stack = await startStack({ profiles })
      const { cpu } = await fullSpeed(stack, { seconds })
      await stack.end()
      for (const part of PARTS) {
        for (const { stage, micros } of costs(join(profiles, `${part}.cpuprofile`), cpu[part])) {
          if (micros >= LEAST_MICROS) this.#add(`${part}: ${stage}`, micros, 'µs/event')
        }
      }
    } finally {
      rmSync(profiles, { recursive: true })
    }
  }

  /** So many events at once. */
  async size(events: number): Promise<void> {
    const name = `${events.toLocaleString('en-US')} events`
    say(`… ${name}`)
    await using stack = await startStack()
    const { seconds, durable } = await fullSpeed(stack, { events })
    this.#rate(name, events / seconds)
    this.#add(`${name}, publish → durable, p95`, percentile(durable, 95), 'ms')
    await this.#memory(name, stack)
    await reconcile(stack)
  }

  #add(name: string, value: number, unit: string, toFloor?: number): void {
    this.figures.push({ name, value, unit, ...(toFloor !== undefined && { toFloor }) })
  }

  #rate(name: string, perSecond: number): void {
    this.#add(name, perSecond, 'events/s', perSecond / this.#floor.perSecond)
  }

  #micros(name: string, micros: number): void {
    this.#add(name, micros, 'µs/event', micros / this.#floor.micros)
  }

  async #memory(name: string, stack: Stack): Promise<void> {
    await stack.collectGarbage()
    for (const part of PARTS) {
      const { peakRss, held } = memory(stack.samples(part))
      this.#add(`${name}: ${part}, RSS at most`, peakRss / MB, 'MB')
      this.#add(`${name}: ${part}, held at the end`, held / MB, 'MB')
    }
  }
}

async function reconcile(stack: Stack): Promise<void> {
  say(`  reconciling ${stack.published.toLocaleString('en-US')} events`)
  await stack.check()
}
