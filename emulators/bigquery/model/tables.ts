import type { Clock } from '../../../clock/index.ts'
import { alreadyExists, invalidArgument, notFound } from '../../shared/index.ts'
import { type Catalog, checkEtag } from './catalog.ts'
import { InsertIds } from './insert-ids.ts'
import { columnType, type TableDefinition, type TableReference } from './schema.ts'
import { reshaped } from './schema-evolution.ts'
import type { InsertSource, Select, Store, Writer } from './store.ts'
import { type Table, tableName } from './table.ts'
import { changed, type TableChange } from './table-change.ts'
import { checkTable } from './validation.ts'
import { type Row, sizeOf } from './value.ts'

export interface CreateOptions {
  /** Whether a table of that name is replaced, or left as it is; otherwise it is an error. */
  readonly ifExists?: 'replace' | 'keep'
  /** The rows it starts with. */
  readonly query?: Select
}

/** What a write adds, and what is to happen once it is committed. */
export interface Addition<T> {
  readonly rows: readonly Row[]
  readonly written: () => T
}

/** The tables of all datasets. REST, SQL and the Storage Write API change them through here, one at a time. */
export class Tables {
  readonly #catalog: Catalog
  readonly #store: Store
  readonly #clock: Clock

  constructor(catalog: Catalog, store: Store, clock: Clock) {
    this.#catalog = catalog
    this.#store = store
    this.#clock = clock
  }

  find(reference: TableReference): Table | undefined {
    return this.#catalog.find(reference)?.tables.get(reference.tableId)
  }

  /** Throws NOT_FOUND of the dataset or of the table. */
  get(reference: TableReference): Table {
    const table = this.#catalog.dataset(reference).tables.get(reference.tableId)
    if (!table) throw notFound(`Not found: Table ${tableName(reference)}`)
    return table
  }

  create(definition: TableDefinition, { ifExists, query }: CreateOptions = {}): Promise<'CREATE' | 'REPLACE' | 'SKIP'> {
    const { reference, columns } = definition
    checkTable(definition)
    this.#checkExpiration(definition.expirationTime)
    return this.#store.transaction(async (writer) => {
      const dataset = this.#catalog.dataset(reference)
      const existing = dataset.tables.get(reference.tableId)
      if (existing && ifExists === 'keep') return () => 'SKIP'
      if (existing && ifExists !== 'replace') {
        throw alreadyExists(`Already Exists: Table ${tableName(reference)}`, { reason: 'duplicate' })
      }
      if (existing && existing.definition.columns.length > 0) await writer.dropTable(reference)
      if (columns.length > 0) await writer.createTable(reference, columns)
      const size = query ? await writer.insert(reference, columns, { query }) : { rows: 0, bytes: 0 }
      return () => {
        existing?.cancelExpiration?.()
        const now = this.#clock.now()
        const { defaultTableExpirationMs: life } = dataset.settings
        const expirationTime = definition.expirationTime ?? (life === undefined ? undefined : now + life)
        const table: Table = {
          definition: expirationTime === undefined ? definition : { ...definition, expirationTime },
          creationTime: now,
          lastModifiedTime: now,
          etag: this.#catalog.newEtag(),
          ...size,
          insertIds: new InsertIds(this.#clock),
        }
        dataset.tables.set(reference.tableId, table)
        this.#expireInTime(table)
        return existing ? 'REPLACE' : 'CREATE'
      }
    })
  }

  /** Follows BigQuery's rules of schema evolution (see evolve); the partitioning stays what it was. */
  update(reference: TableReference, change: TableChange, ifMatch?: string): Promise<Table> {
    return this.#store.transaction(async (writer) => {
      const table = this.get(reference)
      checkEtag(table, ifMatch)
      this.#checkExpiration(change.expirationTime)
      const before = table.definition
      const definition = changed(before, change)
      await this.#reshape(writer, before, definition)
      return () => {
        table.definition = definition
        table.lastModifiedTime = this.#clock.now()
        table.etag = this.#catalog.newEtag()
        this.#expireInTime(table)
        return table
      }
    })
  }

  async #reshape(writer: Writer, before: TableDefinition, after: TableDefinition): Promise<void> {
    const { reference, columns } = after
    if (before.columns.length === 0 && columns.length > 0) return writer.createTable(reference, columns)
    if (columns.length > before.columns.length || reshaped(before.columns, columns)) {
      await writer.reshapeTable(reference, before.columns, columns)
    }
  }

  delete(reference: TableReference): Promise<void> {
    return this.#store.transaction(async (writer) => this.#drop(writer, this.get(reference)))
  }

  async #drop(writer: Writer, table: Table): Promise<() => void> {
    const { reference, columns } = table.definition
    if (columns.length > 0) await writer.dropTable(reference)
    return () => {
      table.cancelExpiration?.()
      this.#catalog.dataset(reference).tables.delete(reference.tableId)
    }
  }

  /**
   * Adds rows to a table, all or none. `take` is called in the table's turn: what it reads and what `written` changes
   * nobody else sees half done. What it throws leaves everything as it was.
   */
  append<T>(table: Table, take: () => Addition<T>): Promise<T> {
    const { reference } = table.definition
    return this.#store.transaction(async (writer) => {
      if (this.find(reference) !== table) throw notFound(`Not found: Table ${tableName(reference)}`)
      const { rows, written } = take()
      const { columns } = table.definition
      if (rows.length > 0) await writer.append(reference, columns, rows)
      return () => {
        const row = { kind: 'STRUCT', fields: columns.map((c) => ({ name: c.name, type: columnType(c) })) } as const
        table.rows += rows.length
        table.bytes += rows.reduce((sum, values) => sum + sizeOf(row, values), 0)
        if (rows.length > 0) table.lastModifiedTime = this.#clock.now()
        return written()
      }
    })
  }

  /** Adds a query's rows, all or none, in place of those that are there if `truncate` says so. Returns their number. */
  insert(reference: TableReference, source: InsertSource & { readonly truncate?: boolean }): Promise<number> {
    return this.#store.transaction(async (writer) => {
      const table = this.get(reference)
      if (source.truncate) await writer.clear(reference)
      const { rows, bytes } = await writer.insert(reference, table.definition.columns, source)
      return () => {
        table.rows = (source.truncate ? 0 : table.rows) + rows
        table.bytes = (source.truncate ? 0 : table.bytes) + bytes
        table.lastModifiedTime = this.#clock.now()
        return rows
      }
    })
  }

  #checkExpiration(time: number | null | undefined): void {
    if (typeof time !== 'number' || time > this.#clock.now()) return
    throw invalidArgument(`Invalid value for expirationTime: ${time} is not in the future.`)
  }

  #expireInTime(table: Table): void {
    table.cancelExpiration?.()
    const { reference, expirationTime } = table.definition
    if (expirationTime === undefined) return
    table.cancelExpiration = this.#clock.at(expirationTime, () => {
      void this.#store.transaction(async (writer) =>
        this.find(reference) === table ? this.#drop(writer, table) : () => {},
      )
    })
  }
}
