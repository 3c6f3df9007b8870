import { BigQuery } from '@google-cloud/bigquery'
import { managedwriter } from '@google-cloud/bigquery-storage'
import { credentials } from '@grpc/grpc-js'
import { PassThroughClient } from 'google-auth-library'
import { manualClock } from '../../clock/index.ts'
import { invalidArgument } from '../shared/index.ts'
import type { ScalarType } from './model/schema.ts'
import type { Compile } from './model/statement.ts'
import { serveBigQuery } from './server.ts'

export const PROJECT = 'test-project'

/**
 * Not GoogleSQL: enough to see rows come back through the REST API without a compiler.
 * `READ ds.t` reads a table, `DUCKDB name TYPE, … : sql` runs the engine's own SQL with `$1` for each parameter.
 */
export const tinyCompile: Compile = (sql, { catalog, parameters }) => {
  const [, table] = /^READ (\S+)$/.exec(sql) ?? []
  if (table) {
    const path = table.split('.')
    const relation = catalog.relation(path)
    const tables = path.includes('INFORMATION_SCHEMA') ? [] : [catalog.reference(path)]
    return { kind: 'SELECT', sql: `SELECT * FROM ${relation.sql}`, values: [], columns: relation.columns, tables }
  }
  const [, names, text] = /^DUCKDB ([^:]*):(.*)$/s.exec(sql) ?? []
  if (names === undefined || text === undefined) {
    throw invalidArgument('Syntax error: Unexpected identifier', { reason: 'invalidQuery' })
  }
  const columns = names.split(',').map((column) => {
    const [name, kind] = column.trim().split(' ') as [string, ScalarType]
    return { name, type: { kind } }
  })
  const values = parameters.map(({ type, value }) => ({ type, value }))
  return { kind: 'SELECT', sql: text, values, columns, tables: [] }
}

/** An emulator of its own with Google's clients for it, and a clock that the test moves. */
export async function startForTest(compile: Compile = tinyCompile) {
  const clock = manualClock()
  const emulator = await serveBigQuery(compile, { clock })
  const { host, port } = emulator
  const authClient = new PassThroughClient()
  const endpoint = `http://${host}:${port}`
  const bigquery = new BigQuery({ projectId: PROJECT, apiEndpoint: endpoint, authClient, autoRetry: false })
  const writer = new managedwriter.WriterClient({
    projectId: PROJECT,
    apiEndpoint: host,
    port,
    sslCreds: credentials.createInsecure(),
    fallback: false,
    // Its types name every client but this one, which works and looks for no credentials.
    authClient: authClient as never,
  })
  return {
    bigquery,
    writer,
    clock,
    endpoint,
    async [Symbol.asyncDispose]() {
      writer.close()
      await writer.getClient().close()
      await emulator[Symbol.asyncDispose]()
    },
  }
}
