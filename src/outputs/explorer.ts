import { join } from 'node:path'
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBPreparedStatement,
  type DuckDBResult,
  StatementType,
} from '@duckdb/node-api'
import { close, OFFLINE } from './database.ts'
import { explorerStatements } from './explorer-tables.ts'
import { isNumber, jsonValue } from './explorer-values.ts'
import type { Extent } from './extent.ts'

export interface ResultColumn {
  readonly name: string
  /** DuckDB's name of the type. */
  readonly type: string
  readonly isNumber: boolean
}

/** What a statement answers. Values are JSON: whole numbers beyond 2^53 and decimals are text. */
export interface Result {
  readonly columns: readonly ResultColumn[]
  /** Read once, as the query goes on. Throws a QueryError. */
  readonly rows: AsyncIterable<readonly unknown[]>
}

/** A statement that DuckDB does not take, in its words; or `interrupted`. */
export class QueryError extends Error {
  override readonly name = 'QueryError'
}

/** Collected outputs that a person may ask anything, and change nothing. */
export interface Explorer extends AsyncDisposable {
  /** The answers of one statement after the other; each is to be read before the next. Throws a QueryError. */
  query(sql: string): AsyncGenerator<Result>
  /** Ends the query that runs with a QueryError. */
  interrupt(): void
}

export interface ExplorerOptions {
  /** What collectOutputs() left. */
  readonly folder: string
  /** A folder for the copy that queries are answered from; the caller removes it afterwards. */
  readonly place: string
  /** Absent: all that is there. */
  readonly extent?: Extent
}

/**
 * Opens collected outputs for queries that nobody has seen before. They are answered from a copy that is only read, by a
 * DuckDB that opens no other file and no connection: whatever a query says, nothing but what was collected can be seen,
 * and nothing is written.
 */
export async function openExplorer({ folder, place, extent = {} }: ExplorerOptions): Promise<Explorer> {
  const file = join(place, 'outputs.duckdb')
  await fill(file, explorerStatements(folder, extent))
  const instance = await DuckDBInstance.create(file, {
    ...OFFLINE,
    access_mode: 'READ_ONLY',
    enable_external_access: 'false',
  })
  const connection = await instance.connect()
  await connection.run("SET TimeZone = 'UTC'; SET lock_configuration = true")
  const queries = new Queries(connection)
  return {
    query: (sql) => queries.answers(sql),
    interrupt: () => connection.interrupt(),
    async [Symbol.asyncDispose]() {
      await queries.end()
      close(connection, instance)
    },
  }
}

async function fill(file: string, statements: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create(file, OFFLINE)
  const connection = await instance.connect()
  try {
    await connection.run("SET TimeZone = 'UTC'; BEGIN")
    for (const statement of statements) await connection.run(statement)
    await connection.run('COMMIT')
  } finally {
    close(connection, instance)
  }
}

/** Whatever only reads: DESCRIBE, SHOW, SUMMARIZE and FROM … are SELECTs to DuckDB. */
const READING = new Set([StatementType.SELECT, StatementType.EXPLAIN])

class Queries {
  readonly #connection: DuckDBConnection
  /** What DuckDB does now: a connection that is closed meanwhile takes the process with it. */
  #work: Promise<unknown> = Promise.resolve()
  #isEnding = false

  constructor(connection: DuckDBConnection) {
    this.#connection = connection
  }

  async *answers(sql: string): AsyncGenerator<Result> {
    const statements = await this.#told(() => this.#connection.extractStatements(sql))
    for (let i = 0; i < statements.count; i++) {
      const statement = await this.#told(() => statements.prepare(i))
      if (!READING.has(statement.statementType)) {
        const name = StatementType[statement.statementType]
        throw new QueryError(`${name} is refused: outputs are only read, with SELECT, DESCRIBE, SUMMARIZE or EXPLAIN.`)
      }
      yield await this.#answer(statement)
    }
  }

  async #answer(statement: DuckDBPreparedStatement): Promise<Result> {
    const result = await this.#told(() => statement.stream())
    const columns = result.deduplicatedColumnNames().map((name, i) => {
      const type = result.columnType(i)
      return { name, type: type.alias ?? String(type), isNumber: isNumber(type) }
    })
    return { columns, rows: this.#rows(result) }
  }

  async *#rows(result: DuckDBResult) {
    const chunks = result.yieldConvertedRows(jsonValue)
    for (;;) {
      const { value, done } = await this.#told(() => chunks.next())
      if (done) return
      yield* value
    }
  }

  /** Ends what runs, and lets nothing else begin. */
  async end(): Promise<void> {
    this.#isEnding = true
    // A query that is just about to begin does not hear it.
    const telling = setInterval(() => this.#connection.interrupt(), 10)
    await this.#work.catch(() => {}) // whoever asked has been told
    clearInterval(telling)
  }

  async #told<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isEnding) throw new QueryError('interrupted')
    try {
      const working = work()
      this.#work = working
      return await working
    } catch (thrown) {
      throw new QueryError(inWords((thrown as Error).message), { cause: thrown })
    }
  }
}

/** What helps beyond DuckDB's own message, and the message that it belongs to. */
const HINTS: readonly (readonly [about: RegExp, hint: string])[] = [
  [/syntax error at or near "`"/, 'Names stand in double quotes here: bq.orders, raw."order".'],
  [/operations are disabled|extensions is disabled/, 'Only what was collected can be asked: the schemas bq and raw.'],
  [/^Binder Error: Referenced column "/, 'A text stands in single quotes; DESCRIBE bq.orders names the columns.'],
  [/^Catalog Error: Table with name(?![\s\S]*Did you mean)/, 'SHOW ALL TABLES names those that there are.'],
]

function inWords(message: string): string {
  if (/^INTERRUPT/.test(message)) return 'interrupted'
  if (message === 'Error in native callback') return 'there is no statement to run.' // DuckDB's way of counting none
  const said = message
    .replace(/^Failed to extract statements: /, '')
    .replace(/\nDid you mean "(pg_|duckdb_|sqlite_|information_schema)[^\n]*/, '') // its own, which nobody means
  const hint = HINTS.find(([about]) => about.test(said))?.[1]
  return hint === undefined ? said : `${said}\n\n${hint}`
}
