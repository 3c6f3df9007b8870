import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { ServiceError } from '../../shared/index.ts'
import type { Select, Store, Writer } from '../model/store.ts'
import type { Row, Value } from '../model/value.ts'
import type { ScalarFunction } from '../sql/index.ts'
import { translated } from './faults.ts'
import { register } from './functions.ts'
import { typeInDuck } from './types.ts'
import { fromDuck, toDuck } from './values.ts'
import { createWriter } from './writer.ts'

/** One DuckDB database in memory: a connection that writes, one at a time, and a fresh one for each query. */
export class Engine implements Store, AsyncDisposable {
  readonly #database: DuckDBInstance
  readonly #connection: DuckDBConnection
  readonly #writer: Writer
  readonly #reading = new Set<Promise<unknown>>()
  #lastTurn: Promise<unknown> = Promise.resolve()
  #closed = false

  private constructor(database: DuckDBInstance, connection: DuckDBConnection) {
    this.#database = database
    this.#connection = connection
    this.#writer = createWriter(connection)
  }

  /** With the functions that queries may call besides DuckDB's own. */
  static async open(functions: readonly ScalarFunction[] = []): Promise<Engine> {
    const database = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    })
    const connection = await database.connect()
    await connection.run("SET GLOBAL TimeZone = 'UTC'")
    for (const each of functions) register(connection, each)
    return new Engine(database, connection)
  }

  async transaction<T>(work: (writer: Writer) => Promise<() => T>): Promise<T> {
    this.#checkOpen()
    const turn = this.#lastTurn.then(() => this.#transact(work))
    this.#lastTurn = turn.catch(() => {}) // the next turn is not concerned; the caller is told
    return turn
  }

  async #transact<T>(work: (writer: Writer) => Promise<() => T>): Promise<T> {
    await this.#connection.run('BEGIN')
    const committed = await this.#commit(work).catch(async (thrown) => {
      await this.#connection.run('ROLLBACK')
      throw translated(thrown)
    })
    return committed()
  }

  async #commit<T>(work: (writer: Writer) => Promise<() => T>): Promise<() => T> {
    const committed = await work(this.#writer)
    await this.#connection.run('COMMIT')
    return committed
  }

  async select(query: Select, signal?: AbortSignal): Promise<Row[]> {
    const rows: Promise<Row[]> = this.#select(query, signal).finally(() => this.#reading.delete(rows))
    this.#reading.add(rows)
    return rows
  }

  async #select(query: Select, signal?: AbortSignal): Promise<Row[]> {
    this.#checkOpen()
    const connection = await this.#database.connect()
    let interrupting: NodeJS.Timeout | undefined
    // An interrupt is lost when the statement has not begun in DuckDB's own thread: so once may not be enough.
    const interrupt = () => {
      interrupting = setInterval(() => connection.interrupt(), 5)
    }
    signal?.addEventListener('abort', interrupt)
    try {
      signal?.throwIfAborted()
      const values = query.values.map(({ type, value }) => toDuck(type, value as Value))
      const types = query.values.map(({ type }) => typeInDuck(type))
      const reader = await connection.runAndReadAll(query.sql, values, types)
      return reader.getRows().map((row) => query.columns.map(({ type }, i) => fromDuck(type, row[i]!)))
    } catch (thrown) {
      signal?.throwIfAborted()
      throw translated(thrown)
    } finally {
      signal?.removeEventListener('abort', interrupt)
      clearInterval(interrupting)
      connection.closeSync() // and with it the prepared statement
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw new ServiceError('UNAVAILABLE', 'The emulator has been closed.')
  }

  /** Waits for what is under way: DuckDB must not be closed under a running statement. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await Promise.allSettled([this.#lastTurn, ...this.#reading])
    this.#connection.closeSync()
    this.#database.closeSync()
  }
}
