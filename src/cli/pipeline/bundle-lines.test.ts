import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BundleReport } from '../../../pipeline/index.ts'
import { bundleLines, LONGEST_LINE_BYTES } from './bundle-lines.ts'

const NOW = new Date('2024-01-15T10:30:00Z')

const EMPTY: BundleReport = {
  bundle: 'lrepzb400000-1',
  received: 0,
  rows: {},
  rawLines: 0,
  rawFiles: 0,
  deadLetters: {},
  duplicates: 0,
  unknownFields: 0,
  retried: 0,
  failures: [],
  seconds: 0.25,
  stages: { rawFiles: 0.1, rows: 0.1 },
  files: [],
  latencies: [],
  settled: [],
  messageIds: [],
  unsettled: [],
}

const parsed = (report: BundleReport) => bundleLines(report, NOW).map((line) => JSON.parse(line))

test('a bundle is one line in the form of Cloud Logging, with its counts and ids', () => {
  const report: BundleReport = {
    ...EMPTY,
    received: 3,
    rows: { orders: 1 },
    rawLines: 2,
    rawFiles: 2,
    deadLetters: { not_json: 1 },
    duplicates: 1,
    files: [{ name: 'output/order/1.json', stream: 'streams/1', lines: 1, rows: 1 }],
    latencies: [3, 1, 2],
    settled: ['e1', 'e2'],
    messageIds: ['1', '2', '3'],
  }
  const { latencies: _, ...told } = report
  expect(parsed(report)).toEqual([
    {
      severity: 'WARNING',
      time: '2024-01-15T10:30:00.000Z',
      component: 'pipeline',
      message: '3 messages in 0.25 s: 1 row, 2 files, 1 dead letter, 1 duplicate',
      ...told,
      latency: { p50: 2, p95: 3, max: 3 },
    },
  ])
})

test('a bundle that goes well is INFO; one with dead letters, or messages to retry, is a WARNING', () => {
  const severity = (more: Partial<BundleReport>) => parsed({ ...EMPTY, ...more })[0].severity
  expect(severity({})).toBe('INFO')
  expect(severity({ deadLetters: { not_json: 1 } })).toBe('WARNING')
  expect(severity({ retried: 1 })).toBe('WARNING')
})

test('5,000 messages of generated events are told in lines that Cloud Logging takes, each id once', () => {
  const ids = Array.from({ length: 5_000 }, (_, i) => String(i))
  const settled = ids.map((id) => `019e0000-0000-7000-8000-${id.padStart(12, '0')}`)
  const messageIds = ids.map((id) => id.padStart(17, '0'))
  const lines = bundleLines({ ...EMPTY, received: 5_000, settled, messageIds }, NOW)
  expect(lines.map((line) => Buffer.byteLength(line) <= LONGEST_LINE_BYTES)).toEqual([true, true, true])
  const parts = lines.map((line) => JSON.parse(line))
  expect(parts.map(({ part, parts }) => [part, parts])).toEqual([
    [1, 3],
    [2, 3],
    [3, 3],
  ])
  expect(parts.flatMap((part) => part.messageIds)).toEqual(messageIds)
  expect(parts.flatMap((part) => part.settled)).toEqual(settled)
  expect(parts.map(({ received }) => received)).toEqual([5_000, undefined, undefined])
})

test('whatever the ids are, no line is too long, and together the lines hold every item of every list once', () => {
  // 1,024 bytes are what Pub/Sub takes as the value of an attribute.
  const id = fc.string({ unit: 'binary', maxLength: 256 }).map((text) => text.toWellFormed())
  const many = fc
    .tuple(fc.array(id, { minLength: 1, maxLength: 40 }), fc.integer({ min: 0, max: 40 }))
    .map(([some, times]) => Array.from({ length: times }, () => some).flat())
  const file = fc.record({ name: id, stream: id, lines: fc.nat(), rows: fc.nat() })
  const lists = { settled: many, messageIds: many, unsettled: many, files: fc.array(file, { maxLength: 300 }) }
  fc.assert(
    fc.property(fc.record(lists), (found) => {
      const lines = bundleLines({ ...EMPTY, ...found }, NOW)
      const parts = lines.map((line) => JSON.parse(line))
      for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(LONGEST_LINE_BYTES)
      for (const list of Object.keys(lists) as (keyof typeof lists)[]) {
        expect(parts.flatMap((part) => part[list])).toEqual(found[list])
      }
      expect(new Set(parts.map(({ bundle }) => bundle))).toEqual(new Set([EMPTY.bundle]))
    }),
    { numRuns: 30 },
  )
}, 30_000)
