import { createWriteStream } from 'node:fs'
import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Bucket, File } from '@google-cloud/storage'
import { deadLetters, events, type TableDefinition } from '../catalogue/index.ts'
import type { Clients } from '../clients.ts'
import { contentOf } from '../object-content.ts'
import type { Settings } from '../settings.ts'
import { type Extent, googleSqlCondition, hasType, holdsFile, offsets } from './extent.ts'
import type { Scope } from './scope.ts'
import { queryRows, tableRows } from './table-rows.ts'

/** Downloads at once: enough to hide the round trip, few enough for a laptop's file handles. */
const DOWNLOADS = 16

/** What the pipeline writes: rows, and raw files. */
export type Part = 'tables' | 'files'

export interface CollectOptions {
  readonly clients: Pick<Clients, 'storage' | 'bigquery'>
  readonly settings: Settings
  /** An empty folder; made if it is not there. */
  readonly folder: string
  /** Absent: all that is there. */
  readonly scope?: Scope
  /** Absent: all times and types. */
  readonly extent?: Extent
  /** Absent: both. */
  readonly only?: Part
  /** Called with what has come so far, now and then. */
  readonly onProgress?: (collected: Collected) => void
}

export interface Collected {
  files: number
  rows: number
  /** By BigQuery's queries, which are billed by it; reading a whole table is free. */
  bytesProcessed: number
}

/**
 * Copies all that the pipeline wrote into a folder, as it stands, from any backend: raw files to `output/…`, with the time
 * at which they were written, and each table to `tables/{table}.ndjson` with its schema. A table or a bucket that is not
 * there counts as empty. With a scope or an extent, whole files that may hold its events, and only its rows.
 *
 * Rows come before files: the pipeline writes a file before its rows, so a row whose line is not here has none, while a
 * line without its row may be on its way.
 */
export async function collectOutputs(options: CollectOptions): Promise<Collected> {
  const { folder, extent = {}, only } = options
  await mkdir(join(folder, 'tables'), { recursive: true })
  const collected: Collected = { files: 0, rows: 0, bytesProcessed: 0 }
  const meant = [...events.values()].filter(({ type }) => hasType(extent, type))
  const rows = only === 'files' ? [] : [...meant, deadLetters]
  await Promise.all(rows.map((table) => collectTable(options, table, collected)))
  if (only !== 'tables') await collectFiles(options, collected)
  return collected
}

async function collectFiles(options: CollectOptions, collected: Collected): Promise<void> {
  const { clients, settings, folder, scope, extent = {}, onProgress } = options
  const bucket = clients.storage.bucket(settings.resources.bucket)
  const [exists] = await bucket.exists()
  if (!exists) return
  for (const query of await listings(bucket, extent)) {
    await bucket
      .getFilesStream(query)
      .filter((file: File) => isMeant(file, scope) && holdsFile(extent, file.name))
      .map((file: File) => download(file, folder), { concurrency: DOWNLOADS })
      .forEach(() => {
        collected.files++
        onProgress?.(collected)
      })
  }
}

interface Listing {
  readonly prefix: string
  readonly startOffset?: string
  readonly endOffset?: string
}

/** One listing, or with an extent one for each type, so that Cloud Storage looks at no other times. */
async function listings(bucket: Bucket, extent: Extent): Promise<Listing[]> {
  if (Object.keys(extent).length === 0) return [{ prefix: 'output/' }]
  const types = new Set<string>()
  let query: object | null = { prefix: 'output/', delimiter: '/', autoPaginate: false }
  while (query) {
    const [, next, page]: [unknown, object | null, unknown] = await bucket.getFiles(query)
    for (const prefix of (page as { prefixes?: string[] }).prefixes ?? []) types.add(prefix.split('/')[1]!)
    query = next
  }
  const meant = [...types].filter((type) => hasType(extent, type))
  return meant.map((type) => ({ prefix: `output/${type}/`, ...offsets(extent, type) }))
}

const isMeant = ({ metadata }: File, scope?: Scope) =>
  scope === undefined || Date.parse(metadata.timeCreated!) >= scope.since

async function download(file: File, folder: string): Promise<void> {
  const destination = join(folder, file.name)
  if (relative(folder, destination) !== file.name) throw new Error(`No file can have the object's name: ${file.name}`)
  await mkdir(dirname(destination), { recursive: true })
  await pipeline(contentOf(file), createWriteStream(destination))
  const written = new Date(file.metadata.timeCreated!)
  await utimes(destination, written, written)
}

async function collectTable(options: CollectOptions, definition: TableDefinition, collected: Collected): Promise<void> {
  const { clients, settings, folder, onProgress } = options
  const source = clients.bigquery.dataset(settings.resources.dataset).table(definition.table)
  const [exists] = await source.exists()
  const file = join(folder, 'tables', definition.table)
  if (exists) await writeFile(`${file}.schema.json`, JSON.stringify(source.metadata.schema?.fields ?? []))
  const rows = exists ? rowsOf(options, definition, collected) : []
  const lines = Readable.from(rows).map((row: object) => {
    collected.rows++
    onProgress?.(collected)
    return `${JSON.stringify(row)}\n`
  })
  await pipeline(lines, createWriteStream(`${file}.ndjson`))
}

function rowsOf({ clients, settings, scope, extent = {} }: CollectOptions, definition: TableDefinition, to: Collected) {
  const { dataset } = settings.resources
  const conditions = [scope && 'STARTS_WITH(event_id, @prefix)', googleSqlCondition(extent, definition)].filter(
    (condition) => condition !== undefined,
  )
  if (conditions.length === 0) return tableRows(clients.bigquery.dataset(dataset).table(definition.table))
  const name = `${settings.projectId}.${dataset}.${definition.table}`
  return queryRows(
    clients.bigquery,
    `SELECT * FROM \`${name}\` WHERE ${conditions.join(' AND ')}`,
    scope ? { prefix: scope.prefix } : {},
    (bytes) => {
      to.bytesProcessed += bytes
    },
  )
}
