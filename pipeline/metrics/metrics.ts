import type { Clock } from '../../clock/index.ts'
import { events } from '../../src/catalogue/index.ts'
import { codeOfError } from '../failure-report.ts'
import type { BundleReport } from '../outcome.ts'
import { REASONS } from '../transforms/decode.ts'
import { createInstruments, type Instruments } from './instruments.ts'
import { Out } from './out.ts'
import type { OnCall } from './sink-calls.ts'

/** From a message that finds its bundle full, to an outage. */
const LATENCY_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600]
const BUNDLE_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const BUNDLE_MESSAGES = [1, 5, 10, 50, 100, 250, 500, 1000, 2500, 5000, 10_000]
/** From an emulator's millisecond to the sinks' patience. */
const CALL_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** What a runner holds at this moment. */
export interface Load {
  /** Messages that wait for a bundle. */
  readonly waiting: number
  /** Messages that wait to be tried again. */
  readonly retrying: number
  /** Bundles that run. */
  readonly bundles: number
}

/** What Prometheus is told of a pipeline; docs/observability.md describes each metric. */
export interface PipelineMetrics {
  readonly registry: Instruments['registry']
  /** Watches the source. */
  readonly out: Out
  readonly onCall: OnCall
  bundle(report: BundleReport): void
  /** Whom to ask for the load whenever the metrics are read. */
  watch(load: () => Load): void
}

/** A message costs one observation, when its bundle is reported; what else is to know is asked for when it is read. */
export async function createPipelineMetrics(clock: Clock): Promise<PipelineMetrics> {
  const make = await createInstruments('sluice_pipeline_')
  const out = new Out()
  let load = (): Load => ({ waiting: 0, retrying: 0, bundles: 0 })
  messagesOut(make, { out, clock, load: () => load() })
  const bundle = bundleCounters(make)
  const calls = make.histogram('sink_call_seconds', 'How long a call to a sink took, failed ones included.', {
    buckets: CALL_SECONDS,
    labelNames: ['call'],
  })
  const errors = make.counter('sink_errors_total', 'Calls to a sink that failed.', ['call', 'code'])
  return {
    registry: make.registry,
    out,
    onCall(call, seconds, error) {
      calls.observe({ call }, seconds)
      if (error !== undefined) errors.inc({ call, code: codeOfError(error) })
    },
    bundle,
    watch: (asked) => {
      load = asked
    },
  }
}

interface Here {
  readonly out: Out
  readonly clock: Clock
  readonly load: () => Load
}

function messagesOut({ counted, gauge, gauges }: Instruments, { out, clock, load }: Here): void {
  const delivered = 'Messages that Pub/Sub has delivered, repeated deliveries included.'
  counted('messages_received_total', delivered, () => out.received)
  const acknowledged = 'Messages acknowledged, each once its row or dead letter is durable.'
  counted('messages_acknowledged_total', acknowledged, () => out.acknowledged)
  const givenBack = 'Messages given back to Pub/Sub, which delivers them again.'
  counted('messages_given_back_total', givenBack, () => out.givenBack)

  gauges('backlog_messages', 'Messages in this process that are not durable yet, by what they wait for.', {
    label: 'state',
    read() {
      const { waiting, retrying } = load()
      return { waiting, retrying, running: out.messages - waiting - retrying }
    },
  })
  gauge('backlog_bytes', 'Bytes of the data of the messages in this process that are not durable yet.', () => out.bytes)
  const oldest = () => out.oldest ?? clock.now()
  const age = 'How long ago the oldest message that is not durable yet was published; 0 without any.'
  gauge('oldest_message_age_seconds', age, () => Math.max(0, clock.now() - oldest()) / 1_000)
  const watermark = 'When the oldest message that is not durable yet was published; without any, now.'
  gauge('watermark_timestamp_seconds', watermark, () => oldest() / 1_000)
  gauge('bundles_running', 'Bundles that run at this moment.', () => load().bundles)
}

function bundleCounters({ counter, histogram }: Instruments): (report: BundleReport) => void {
  const rows = counter('rows_total', 'Rows added to the table, those of dead_letters apart.', ['table'])
  const rawLines = counter('raw_lines_total', 'Lines written to raw files, dead letters included.')
  const rawFiles = counter('raw_files_total', 'Raw files written.')
  const letters = counter('dead_letters_total', 'Rows added to dead_letters.', ['reason'])
  const duplicates = counter('duplicates_total', 'Messages whose event another message had brought before.')
  const unknownFields = counter('unknown_fields_total', 'Fields of durable events that no definition names.')
  const retries = counter('retries_total', 'Messages that a bundle left to be tried again.', ['cause'])
  const latency = histogram(
    'publish_to_row_seconds',
    'From the publish of a message to its durable row or dead letter.',
    {
      buckets: LATENCY_SECONDS,
    },
  )
  const messages = histogram('bundle_messages', 'Messages in a bundle.', { buckets: BUNDLE_MESSAGES })
  const seconds = histogram('bundle_seconds', 'How long a bundle ran.', { buckets: BUNDLE_SECONDS })

  // A counter that is there from the start shows its first increment as one.
  for (const { table } of events.values()) rows.inc({ table }, 0)
  for (const reason of REASONS) letters.inc({ reason }, 0)
  for (const cause of ['transient', 'permanent']) retries.inc({ cause }, 0)

  return (report) => {
    for (const [table, count] of Object.entries(report.rows)) rows.inc({ table }, count)
    for (const [reason, count] of Object.entries(report.deadLetters)) letters.inc({ reason }, count)
    for (const failure of report.failures) retries.inc({ cause: failure.cause }, failure.messages)
    rawLines.inc(report.rawLines)
    rawFiles.inc(report.rawFiles)
    duplicates.inc(report.duplicates)
    unknownFields.inc(report.unknownFields)
    messages.observe(report.received)
    seconds.observe(report.seconds)
    for (const each of report.latencies) latency.observe(each)
  }
}
