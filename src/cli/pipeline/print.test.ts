import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { manualClock } from '../../../clock/index.ts'
import type { BundleReport } from '../../../pipeline/index.ts'
import { createLog } from '../../log.ts'
import { printBundle, wordsOn } from './print.ts'

const REPORT: BundleReport = {
  bundle: 'lrepzb400000-1',
  received: 5_000,
  rows: { orders: 4_000, inventory: 890 },
  rawLines: 4_900,
  rawFiles: 60,
  deadLetters: { not_json: 10 },
  duplicates: 88,
  unknownFields: 0,
  retried: 12,
  failures: [{ cause: 'transient', call: 'create_stream', code: 'UNAVAILABLE', error: 'No.', messages: 12 }],
  seconds: 1.234,
  stages: { rawFiles: 0.5, rows: 0.5 },
  files: [],
  latencies: [],
  settled: [],
  messageIds: [],
  unsettled: [],
}

function print(json: boolean, more: Partial<BundleReport> = {}) {
  const written: string[] = []
  const output = { columns: 80, write: (text: string) => written.push(text) }
  printBundle(output, { json, clock: manualClock() })({ ...REPORT, ...more })
  return written
}

test('a person reads one line of 80 columns for each bundle, the longest cut', () => {
  const [cut] = print(false).map(stripVTControlCharacters)
  expect(cut).toMatch(/^\d\d:\d\d:\d\d {2}5,000 messages in 1.23 s: 4,890 rows, 60 files, 10 dead letters, 88 d…\n$/)
  expect(cut).toHaveLength(81)
  const some = { retried: 0, failures: [], deadLetters: {}, duplicates: 0 }
  expect(print(false, some)[0]).toMatch(/ 5,000 messages in 1.23 s: 4,890 rows, 60 files\n$/)
})

test('a program reads JSON', () => {
  expect(print(true).map((line) => JSON.parse(line))).toMatchObject([{ bundle: REPORT.bundle, messageIds: [] }])
})

test('a person reads the log in words, and what is repeated once', () => {
  const written: string[] = []
  const log = createLog('pipeline', wordsOn({ write: (text: string) => written.push(text) }, manualClock()))
  for (let i = 0; i < 3; i++) log.warn({ error: new Error('503') }, 'A part of a bundle failed.')
  expect(written).toEqual(['pipeline │ WARNING: A part of a bundle failed. (503)\n'])
})
