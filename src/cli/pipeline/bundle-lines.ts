import type { BundleReport } from '../../../pipeline/index.ts'
import { isWellDone, sentenceOf } from './sentence.ts'

/** Cloud Logging refuses an entry of about 256 KB, by its own way of counting: half of it is safe. */
export const LONGEST_LINE_BYTES = 128 * 1024

/**
 * A report as lines of JSON, in the form that Cloud Logging reads. What is too long for one is told in several: they
 * share `bundle`, and each item of a list stands in one of them. docs/observability.md describes each field.
 */
export function bundleLines(report: BundleReport, time: Date): string[] {
  const { latencies, files, settled, messageIds, unsettled, ...counts } = report
  const head = {
    severity: isWellDone(report) ? 'INFO' : 'WARNING',
    time: time.toISOString(),
    component: 'pipeline',
    message: sentenceOf(report),
    ...counts,
    ...(latencies.length > 0 && { latency: summary(latencies) }),
  }
  const lists = { files, settled, messageIds, unsettled }
  const whole = JSON.stringify({ ...head, ...lists })
  if (Buffer.byteLength(whole) <= LONGEST_LINE_BYTES) return [whole]

  const { bundle, severity, component } = head
  const rest = { severity, time: head.time, component, message: `more of bundle ${bundle}`, bundle }
  const room = LONGEST_LINE_BYTES - Buffer.byteLength(JSON.stringify({ ...head, ...EMPTY, part: 1_000, parts: 1_000 }))
  const parts = inParts(lists, room)
  return parts.map((part, i) =>
    JSON.stringify({ ...(i === 0 ? head : rest), part: i + 1, parts: parts.length, ...EMPTY, ...part }),
  )
}

const EMPTY = { files: [], settled: [], messageIds: [], unsettled: [] }

type Lists = Record<keyof typeof EMPTY, readonly unknown[]>

/** Deals the items of all lists out, in order, to as few parts as there must be. */
function inParts(lists: Lists, room: number): Partial<Record<string, unknown[]>>[] {
  let part: Record<string, unknown[]> = {}
  const parts = [part]
  let left = room
  for (const [list, items] of Object.entries(lists)) {
    for (const item of items) {
      const bytes = Buffer.byteLength(JSON.stringify(item)) + 1
      if (bytes > left) {
        part = {}
        parts.push(part)
        left = room
      }
      left -= bytes
      part[list] ??= []
      part[list].push(item)
    }
  }
  return parts
}

/** Of a number of seconds for each message. */
function summary(latencies: readonly number[]) {
  const sorted = Float64Array.from(latencies).sort()
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1]
  return { p50: at(0.5), p95: at(0.95), max: at(1) }
}
