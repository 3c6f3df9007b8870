/** What an event costs by stage: a CPU profile of each process, each sample given to the stage that it was taken in. */
import { readFileSync } from 'node:fs'

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string }
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[]
}

/** By the file of a function. A sample belongs to the innermost function on its stack that has a stage. */
const STAGES: readonly [stage: string, file: RegExp][] = [
  ['the probe', /\/bench\//],
  ['validate', /\/src\/catalogue\/|\/zod\//],
  ['decode', /\/pipeline\/transforms\/(decode|json-outline|instant)\./],
  ['raw line', /\/pipeline\/transforms\/(to-raw-line|to-dead-letter|meta|message)\./],
  ['group (Beam)', /\/apache-beam\/|\/pipeline\/(beam|graph|stages|bundle|transforms\/destination)/],
  ['raw files', /\/pipeline\/sinks\/(raw-files|folder|recent|turns|write-raw-files|cloud-storage|in-parallel)\./],
  ['upload', /\/(@google-cloud\/storage|teeny-request|gaxios|google-auth-library|node-fetch|undici)\//],
  ['row', /\/pipeline\/(transforms\/to-row|transforms\/decimal|sinks\/(rows|write-rows))\./],
  ['row encode', /\/pipeline\/sinks\/(row-proto|proto-bytes|write-api|append|row-streams)\./],
  ['runner and report', /\/pipeline\/(runners|outcome|index|sources)|\/src\/cli\//],
  ['Pub/Sub client', /\/@google-cloud\/(pubsub|precise-date|paginator)\/|temporal|\/google-logging-utils\//],
  ['Pub/Sub emulator', /\/emulators\/pubsub\//],
  ['BigQuery emulator: decode', /\/emulators\/bigquery\/(wire|handlers)\//],
  ['BigQuery emulator: insert', /\/emulators\/bigquery\/|\/@duckdb\//],
  ['Storage emulator', /\/emulators\/storage\/|\/fastify\//],
  ['gRPC', /\/@grpc\/|\/google-gax\/|\/emulators\/shared\//],
  ['protobuf', /\/protobufjs\/|\/long\/|\/@protobufjs\//],
  ['gRPC', /node:internal\/http2|node:http2/],
  ['HTTP', /node:_http|node:internal\/(http|fetch|deps\/undici)/],
]

/**
 * Microseconds of one event in each stage, the costliest first; `micros` is what an event costs in all. The profile's own
 * times would count those as well in which the process waited for a core.
 */
export function costs(file: string, micros: number): { readonly stage: string; readonly micros: number }[] {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile
  const stages = stagesOf(nodes)
  const totals = new Map<string, number>()
  for (const [i, sample] of samples.entries()) {
    const stage = stages.get(sample)!
    totals.set(stage, (totals.get(stage) ?? 0) + timeDeltas[i]!)
  }
  totals.delete('(idle)')
  const sum = totals.values().reduce((a, b) => a + b, 0)
  return [...totals]
    .map(([stage, total]) => ({ stage, micros: (total / sum) * micros }))
    .sort((a, b) => b.micros - a.micros)
}

/** The stage of each node of the tree of calls; code that protobufjs generates belongs to whoever calls it. */
function stagesOf(nodes: CpuProfile['nodes']): Map<number, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const stages = new Map<number, string>()
  const waiting = [{ id: nodes[0]!.id, above: 'other' }]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { callFrame, children = [] } = byId.get(next.id)!
    const stage = stageOf(callFrame) ?? next.above
    stages.set(next.id, stage)
    for (const id of children) waiting.push({ id, above: stage })
  }
  return stages
}

function stageOf({ functionName, url }: CpuProfile['nodes'][number]['callFrame']): string | undefined {
  if (functionName === '(idle)') return '(idle)'
  if (functionName === '(garbage collector)') return 'garbage collection'
  return STAGES.find(([, file]) => file.test(url))?.[0]
}
