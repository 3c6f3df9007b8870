import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { manualClock } from '../../clock/index.ts'
import type { Services } from '../bundle.ts'
import { message, order } from '../tests/sample-message.ts'
import { decode } from '../transforms/decode.ts'
import { folderOf } from '../transforms/destination.ts'
import { microsOf } from '../transforms/instant.ts'
import { toRawLine } from '../transforms/to-raw-line.ts'
import { InMemoryBucket, InMemoryTables } from './in-memory.ts'
import { patient } from './patient.ts'
import { RawFiles } from './raw-files.ts'
import { Rows } from './rows.ts'

const FOLDER = folderOf('order', microsOf('2024-01-15T10:30:00Z')!)
const FOR_MS = 60_000

function lines(...ids: readonly string[]): string[] {
  return ids.map((id) => {
    const received = message(order, { id })
    const decoded = decode(received)
    if (!decoded.ok) throw new Error(decoded.detail)
    return toRawLine(received, decoded)
  })
}

function start(wrap: (sinks: Pick<Services, 'rawFiles' | 'rows'>) => Pick<Services, 'rawFiles' | 'rows'>) {
  const [bucket, tables, clock] = [new InMemoryBucket(), new InMemoryTables(), manualClock()]
  const attempts: number[] = []
  const sinks = patient(wrap({ rawFiles: new RawFiles(bucket, tables), rows: new Rows(bucket, tables) }), {
    clock,
    random: () => 0.5,
    forMs: FOR_MS,
    onRetry: (_error, attempt) => void attempts.push(attempt),
  })
  /** Lets time pass until the work is done. */
  const passing = async <Result>(work: Promise<Result>): Promise<Result> => {
    let done = false
    const end = () => {
      done = true
    }
    work.then(end, end)
    while (!done) {
      clock.advance(100)
      await turn()
    }
    return work
  }
  return { sinks, bucket, tables, attempts, passing }
}

/** Fails so many times before it works. */
const failing =
  (times: number) =>
  <Args extends unknown[], Result>(work: (...args: Args) => Promise<Result>) =>
  async (...args: Args): Promise<Result> => {
    if (times-- > 0) throw new Error('503')
    return work(...args)
  }

test('what could not be written is tried again until it is, and counted once', async () => {
  const { sinks, bucket, tables, attempts, passing } = start((s) => s)
  tables.create = failing(3)(tables.create.bind(tables))
  const written = await passing(sinks.rawFiles.write(FOLDER, lines('1', '2', '2')))
  expect(written).toMatchObject({ lines: 2, duplicates: 1 })
  expect(written.failed).toBeUndefined()
  expect(attempts).toEqual([1, 2, 3])
  expect(bucket.files.size).toBe(1)
})

test('only what has failed is written again', async () => {
  const given: number[] = []
  let first = true
  const { sinks, passing } = start(({ rows, rawFiles }) => ({
    rows,
    rawFiles: {
      async write(path, some) {
        const all = [...some]
        given.push(all.length)
        if (!first) return rawFiles.write(path, all)
        first = false
        const written = await rawFiles.write(path, all.slice(0, 2))
        return { ...written, failed: { messageIds: ['3'], error: new Error('503') } }
      },
    },
  }))
  const written = await passing(sinks.rawFiles.write(FOLDER, lines('1', '2', '3')))
  expect(given).toEqual([3, 1])
  expect(written).toMatchObject({ lines: 3, duplicates: 0 })
  expect(written.held.map(({ file }) => file.name)).toHaveLength(2)
})

test('rows are tried again as well', async () => {
  const { sinks, attempts, passing } = start(({ rows, rawFiles }) => ({
    rawFiles,
    rows: { commit: failing(2)(rows.commit.bind(rows)) },
  }))
  const { held } = await sinks.rawFiles.write(FOLDER, lines('1'))
  const { rows } = await passing(sinks.rows.commit(held[0]!.file, 0n))
  expect(rows).toHaveLength(1)
  expect(attempts).toEqual([1, 2])
})

test('when the time is up the failure is told, with all that it left undone', async () => {
  const { sinks, tables, passing } = start((s) => s)
  tables.create = failing(Number.POSITIVE_INFINITY)(tables.create.bind(tables))
  const written = await passing(sinks.rawFiles.write(FOLDER, lines('1', '2')))
  expect(written).toMatchObject({ lines: 0, held: [], failed: { messageIds: ['1', '2'] } })
})
