import fc from 'fast-check'
import { expect, test } from 'vitest'
import { manualClock } from '../../../clock/index.ts'
import { Catalog } from './catalog.ts'
import type { Store, Writer } from './store.ts'
import { Tables } from './tables.ts'
import type { Row } from './value.ts'
import type { StreamType } from './write-stream.ts'
import { type Destination, WriteStreams } from './write-streams.ts'

const PARENT = 'projects/p/datasets/d/tables/t'
const reference = { projectId: 'p', datasetId: 'd', tableId: 't' }

/** A store whose next write can be made to fail, as a full disk would: then nothing of it is there. */
class FragileStore implements Store {
  rows: Row[] = []
  failNext = false
  #lastTurn: Promise<unknown> = Promise.resolve()

  transaction<T>(work: (writer: Writer) => Promise<() => T>): Promise<T> {
    const turn = this.#lastTurn.then(async () => {
      const added: Row[] = []
      const done = async () => {}
      const committed = await work({
        createDataset: done,
        dropDataset: done,
        createTable: done,
        dropTable: done,
        reshapeTable: done,
        clear: done,
        insert: async () => ({ rows: 0, bytes: 0 }),
        append: async (_table, _columns, rows) => {
          await Promise.resolve() // others get their chance in between
          if (this.failNext) throw new Error('disk full')
          added.push(...rows)
        },
      }).finally(() => {
        this.failNext = false
      })
      this.rows.push(...added)
      return committed()
    })
    this.#lastTurn = turn.catch(() => {})
    return turn
  }

  async select(): Promise<Row[]> {
    return this.rows
  }
}

async function streamOf(type: StreamType) {
  const store = new FragileStore()
  const clock = manualClock()
  const catalog = new Catalog(store, clock)
  const tables = new Tables(catalog, store, clock)
  await catalog.createDataset({ reference, settings: {} })
  await tables.create({ reference, columns: [{ name: 'n', type: 'INT64', mode: 'NULLABLE' }] })
  const streams = new WriteStreams(tables, clock)
  return { store, tables, streams, destination: streams.create(PARENT, type) }
}

const ROWS = 40
const rowsFrom = (start: number, count: number): Row[] =>
  Array.from({ length: Math.max(0, Math.min(count, ROWS - start)) }, (_, i) => [BigInt(start + i)])
const numbers = (rows: readonly Row[]) => rows.map(([n]) => Number(n))
const firstOnes = (count: number) => Array.from({ length: count }, (_, i) => i)

/** What a producer may do wrong: start anywhere, repeat, skip, not wait for the answer, meet a failing disk. */
const attempt = fc.record({
  start: fc.integer({ min: 0, max: ROWS - 1 }),
  count: fc.integer({ min: 1, max: 7 }),
  wait: fc.boolean(),
  fail: fc.boolean(),
})

async function drive(
  { streams, store }: { streams: WriteStreams; store: FragileStore },
  destination: Destination,
  attempts: readonly { start: number; count: number; wait: boolean; fail: boolean }[],
) {
  const underWay: Promise<unknown>[] = []
  for (const { start, count, wait, fail } of attempts) {
    store.failNext = fail
    const answer = streams.append(destination, rowsFrom(start, count), start).catch(() => 'refused')
    underWay.push(answer)
    if (wait) await answer
  }
  await Promise.all(underWay)
  // Then the producer goes on from the beginning, in order, as one does that knows nothing of the answers.
  for (let start = 0; start < ROWS; start++) {
    await streams.append(destination, rowsFrom(start, 1), start).catch((error) => {
      expect(error.code).toBe('ALREADY_EXISTS')
    })
  }
}

test('a committed stream holds each row once and in order, whatever is repeated, lost, skipped or failed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(attempt, { maxLength: 30 }), async (attempts) => {
      const { store, streams, destination } = await streamOf('COMMITTED')
      await drive({ streams, store }, destination, attempts)
      expect(numbers(store.rows)).toEqual(firstOnes(ROWS))
    }),
    { numRuns: 200 },
  )
})

test('a pending stream shows nothing before its commit, and then each row once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(attempt, { maxLength: 20 }), async (attempts) => {
      const { store, streams, destination } = await streamOf('PENDING')
      await drive({ streams, store }, destination, attempts)
      expect(store.rows).toEqual([])
      expect(await streams.finalize(destination)).toBe(ROWS)
      const commits = await Promise.all([1, 2].map(() => streams.commit(PARENT, [destination.name])))
      expect(commits.filter((commit) => 'time' in commit).length).toBeGreaterThan(0)
      expect(numbers(store.rows)).toEqual(firstOnes(ROWS))
    }),
    { numRuns: 100 },
  )
})

test('a buffered stream shows exactly the rows up to the highest offset that was flushed', async () => {
  const flushes = fc.array(fc.integer({ min: 0, max: ROWS - 1 }), { minLength: 1, maxLength: 10 })
  await fc.assert(
    fc.asyncProperty(fc.array(attempt, { maxLength: 10 }), flushes, async (attempts, offsets) => {
      const { store, streams, destination } = await streamOf('BUFFERED')
      await drive({ streams, store }, destination, attempts)
      await Promise.all(offsets.map((offset) => streams.flush(destination, offset)))
      expect(numbers(store.rows)).toEqual(firstOnes(Math.max(...offsets) + 1))
    }),
    { numRuns: 100 },
  )
})

test('rows without an offset go to the end of the stream, wherever that is', async () => {
  const { store, streams, destination } = await streamOf('COMMITTED')
  const offsets = await Promise.all([0, 1, 2].map((n) => streams.append(destination, rowsFrom(n, 1), undefined)))
  expect(offsets).toEqual([0, 1, 2])
  expect(numbers(store.rows)).toEqual([0, 1, 2])
})

test('an append that was under way before a finalize counts, one after it is refused', async () => {
  const { streams, destination } = await streamOf('COMMITTED')
  const before = streams.append(destination, rowsFrom(0, 3), 0)
  const finalized = streams.finalize(destination)
  const after = streams.append(destination, rowsFrom(3, 1), 3)
  await expect(before).resolves.toBe(0)
  await expect(finalized).resolves.toBe(3)
  await expect(after).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', storageCode: 'STREAM_FINALIZED' })
})

test('a flush beyond the end of the stream is out of range', async () => {
  const { streams, destination } = await streamOf('BUFFERED')
  await expect(streams.flush(destination, 0)).rejects.toMatchObject({ code: 'OUT_OF_RANGE' })
})

test('streams commit together or not at all: one that is not finalized holds all back', async () => {
  const { store, streams, destination } = await streamOf('PENDING')
  const other = streams.create(PARENT, 'PENDING')
  await streams.append(destination, rowsFrom(0, 2), 0)
  await streams.append(other, rowsFrom(2, 2), 0)
  await streams.finalize(destination)
  const names = [destination.name, other.name]
  expect(await streams.commit(PARENT, names)).toMatchObject({
    faults: [{ storageCode: 'INVALID_STREAM_STATE', entity: other.name }],
  })
  expect(store.rows).toEqual([])
  await streams.finalize(other)
  expect(await streams.commit(PARENT, names)).toHaveProperty('time')
  expect(numbers(store.rows)).toEqual([0, 1, 2, 3])
  expect(await streams.commit(PARENT, names)).toMatchObject({
    faults: [{ storageCode: 'STREAM_ALREADY_COMMITTED' }, { storageCode: 'STREAM_ALREADY_COMMITTED' }],
  })
})

test('rows on their way to a table do not go into another one made under its name', async () => {
  const { store, tables, streams, destination } = await streamOf('COMMITTED')
  const { definition } = tables.get(reference)
  const replacing = tables.create(definition, { ifExists: 'replace' })
  const appending = streams.append(destination, rowsFrom(0, 1), 0)
  await replacing
  await expect(appending).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'Not found: Table p:d.t' })
  expect(store.rows).toEqual([])
})
