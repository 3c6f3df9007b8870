/**
 * The pipeline from the publish to both sinks, beside a floor: how fast, how late, how much memory, and where the time
 * goes. Emulators, pipeline and load are three processes. What a run published is reconciled: one that loses or repeats
 * an event fails.
 */
import { parseArgs } from 'node:util'
import { type Figure, readBaseline, writeBaseline } from './pipeline/baseline.ts'
import { type Floor, floors } from './pipeline/floors.ts'
import { Measures, say } from './pipeline/measures.ts'
import { machine, median } from './report.ts'

const FLOORS = 3

const USUAL = { seconds: 60, latencySeconds: 20, stallSeconds: 60, profileSeconds: 15, sizes: [1_000, 10_000, 100_000] }
const QUICK = { seconds: 10, latencySeconds: 5, stallSeconds: 0, profileSeconds: 0, sizes: [] }
const LARGEST = 1_000_000

const OPTIONS = {
  /** How long the load goes at full speed. */
  seconds: { type: 'string' },
  /** About a minute: no stall, no profile, no growth. */
  quick: { type: 'boolean' },
  /** Also a million events. */
  full: { type: 'boolean' },
  json: { type: 'boolean' },
  /** Makes this run the one that others are held against. */
  'update-baseline': { type: 'boolean' },
} as const

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS })
  const plan = values.quick ? QUICK : USUAL
  const on = machine()
  say(on)
  const floor = someFloors()
  const measures = new Measures({
    perSecond: median(floor.map(({ perSecond }) => perSecond)),
    micros: median(floor.map(({ micros }) => micros)),
  })
  await measures.throughput(Number(values.seconds ?? plan.seconds))
  await measures.latency(plan.latencySeconds)
  if (plan.profileSeconds > 0) await measures.profile(plan.profileSeconds)
  if (plan.stallSeconds > 0) await measures.stall(plan.stallSeconds)
  for (const size of [...plan.sizes, ...(values.full ? [LARGEST] : [])]) await measures.size(size)
  floor.push(...someFloors())
  const figures = [
    ...spreadOf(
      'floor',
      floor.map(({ perSecond }) => perSecond),
      'events/s',
    ),
    ...spreadOf(
      'CPU of floor',
      floor.map(({ micros }) => micros),
      'µs/event',
    ),
    ...measures.figures,
  ]
  console.log(values.json ? JSON.stringify({ machine: on, figures }, null, 2) : table(on, figures))
  if (values['update-baseline']) writeBaseline(on, figures)
}

/** Before and after all else, since a machine may change its pace. */
function someFloors(): Floor[] {
  say('… the floor')
  return floors(FLOORS)
}

const spreadOf = (name: string, values: readonly number[], unit: string): Figure[] => [
  { name: `${name}, least`, value: Math.min(...values), unit },
  { name: `${name}, median`, value: median(values), unit },
  { name: `${name}, most`, value: Math.max(...values), unit },
]

function table(on: string, figures: readonly Figure[]): string {
  const { machine: baselineOn, toFloor: baseline } = readBaseline()
  const rows = figures.map(({ name, value, unit, toFloor }) => {
    const before = baseline[name]
    const change = toFloor && before ? `${(100 * (toFloor / before - 1)).toFixed(0)} %` : ''
    return [name, `${rounded(value)} ${unit}`, toFloor?.toFixed(3) ?? '', before?.toFixed(3) ?? '', change]
  })
  const all = [['', 'measured', 'to floor', 'baseline', 'change'], ...rows]
  const widths = all[0]!.map((_, i) => Math.max(...all.map((row) => row[i]!.length)))
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')
  return [on, ...(baselineOn ? [`baseline: ${baselineOn}`] : []), '', ...all.map((row) => line(row).trimEnd())].join(
    '\n',
  )
}

const rounded = (value: number) =>
  value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0 })
