/**
 * For `node --import`: a process that notes each second what it takes, in the file that SLUICE_BENCH_PROBE names;
 * on SIGUSR2 once more, after a garbage collection.
 */
import { appendFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes, and seconds of CPU since the process began. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly rss: number
  /** What V8 holds, garbage included. */
  readonly heap: number
  /** Buffers outside of V8's heap. */
  readonly buffers: number
  readonly cpu: number
}

function sample(): Sample {
  const { rss, heapUsed, external } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  return { time: Date.now(), rss, heap: heapUsed, buffers: external, cpu: (user + system) / 1e6 }
}

const SETTLE_MS = 1_000

const file = process.env.SLUICE_BENCH_PROBE
const note = (to: string) => appendFileSync(to, `${JSON.stringify(sample())}\n`)
if (file) {
  const parent = process.ppid
  note(file)
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1) // whoever measures was killed
    note(file)
  }, 1_000).unref()
  process.on('SIGUSR2', () => {
    setFlagsFromString('--expose-gc')
    const collect: () => void = runInNewContext('gc')
    collect()
    // What the first one lets go of may hold more: buffers, streams that have ended.
    setTimeout(() => {
      collect()
      note(file)
    }, SETTLE_MS)
  })
}
