import type { TableDefinition } from '../../src/catalogue/index.ts'
import type { Row } from '../transforms/to-row.ts'
import type { RawBucket, RawFile, StoredFile } from './raw-bucket.ts'
import { minuteColumn, type RowStreams } from './row-streams.ts'

/**
 * Called before and after the effect of each operation on an object or a table. It may throw, as a service does that
 * fails, or one whose answer is lost; or wait, to let others go first.
 */
export type Step = (operation: string, phase: 'before' | 'after', on: string) => Promise<void> | void

/** A bucket in memory, with the promises of Cloud Storage. */
export class InMemoryBucket implements RawBucket {
  readonly files = new Map<string, StoredFile & { readonly content: string }>()

  /** A client of this bucket: `step` sees its operations. */
  client(step: Step = () => {}): RawBucket {
    return {
      list: (prefix) => this.#do('list', prefix, step, () => this.list(prefix)),
      read: (name) => this.#do('read', name, step, () => this.read(name)),
      find: (name) => this.#do('find', name, step, () => this.find(name)),
      create: (file, content) => this.#do('create', file.name, step, () => this.create(file, content)),
      assignStream: (file, stream) => this.#do('assignStream', file.name, step, () => this.assignStream(file, stream)),
    }
  }

  async list(prefix: string): Promise<RawFile[]> {
    return [...this.files.values()].filter(({ name }) => name.startsWith(prefix))
  }

  async read(name: string): Promise<string> {
    const file = this.files.get(name)
    if (!file) throw new Error(`No such object: ${name}`)
    return file.content
  }

  async find(name: string): Promise<StoredFile | undefined> {
    return this.files.get(name)
  }

  async create(file: RawFile, content: string): Promise<'created' | 'exists'> {
    if (this.files.has(file.name)) return 'exists'
    this.files.set(file.name, { ...file, content, metageneration: '1' })
    return 'created'
  }

  async assignStream({ name, metageneration }: StoredFile, stream: string): Promise<'assigned' | 'changed'> {
    const file = this.files.get(name)
    if (file?.metageneration !== metageneration) return 'changed'
    this.files.set(name, { ...file, stream, metageneration: String(Number(metageneration) + 1) })
    return 'assigned'
  }

  #do = perform
}

/** Tables in memory, with the promises of the Storage Write API. */
export class InMemoryTables implements RowStreams {
  readonly rows = new Map<string, Row[]>()
  readonly streams = new Map<string, { readonly table: string; written: boolean }>()
  /** So many appends will not find their streams, though they exist. */
  hidden = 0
  #created = 0

  /** A client of these tables: `step` sees its operations. */
  client(step: Step = () => {}): RowStreams {
    return {
      create: (table) => this.#do('createStream', table.table, step, () => this.create(table)),
      append: (stream, table, rows) => this.#do('append', table.table, step, () => this.append(stream, table, rows)),
      exists: (stream) => this.#do('exists', stream, step, () => this.exists(stream)),
      count: (table, minute, eventIds) =>
        this.#do('count', table.table, step, () => this.count(table, minute, eventIds)),
    }
  }

  async create({ table }: TableDefinition): Promise<string> {
    const name = `${table}/streams/${++this.#created}`
    this.streams.set(name, { table, written: false })
    return name
  }

  async append(
    name: string,
    { table }: TableDefinition,
    rows: readonly Row[],
  ): Promise<'appended' | 'present' | 'notFound'> {
    if (this.hidden > 0) {
      this.hidden--
      return 'notFound'
    }
    const stream = this.streams.get(name)
    if (!stream) return 'notFound'
    if (stream.written) return 'present'
    stream.written = true
    this.rows.set(table, [...(this.rows.get(table) ?? []), ...rows])
    return 'appended'
  }

  async exists(stream: string): Promise<boolean> {
    return this.streams.has(stream)
  }

  async count(table: TableDefinition, minute: number, eventIds: readonly string[]): Promise<number> {
    const wanted = new Set<unknown>(eventIds)
    const begin = BigInt(minute) * 1000n
    const rows = (this.rows.get(table.table) ?? []).filter((row) => {
      const time = row[minuteColumn(table)] as bigint
      return begin <= time && time < begin + 60_000_000n
    })
    return new Set(rows.map((row) => row.event_id)).intersection(wanted).size
  }

  #do = perform
}

async function perform<Result>(
  operation: string,
  on: string,
  step: Step,
  effect: () => Promise<Result>,
): Promise<Result> {
  await step(operation, 'before', on)
  const result = await effect()
  await step(operation, 'after', on)
  return result
}
