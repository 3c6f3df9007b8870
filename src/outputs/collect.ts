import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { File } from '@google-cloud/storage'
import { tables } from '../catalogue/index.ts'
import type { Clients } from '../clients.ts'
import type { Settings } from '../settings.ts'
import type { Scope } from './scope.ts'
import { queryRows, tableRows } from './table-rows.ts'

/** Downloads at once: enough to hide the round trip, few enough for a laptop's file handles. */
const DOWNLOADS = 16

export interface CollectOptions {
  readonly clients: Pick<Clients, 'storage' | 'bigquery'>
  readonly settings: Settings
  /** An empty folder; made if it is not there. */
  readonly folder: string
  /** Absent: all that is there. */
  readonly scope?: Scope
}

/**
 * Copies all that the pipeline wrote into a folder, as it stands, from any backend: raw files to `output/…` and each
 * table to `tables/{table}.ndjson`. A table or a bucket that is not there counts as empty. With a scope, whole files that
 * may hold its events, and only its rows.
 */
export async function collectOutputs(options: CollectOptions): Promise<void> {
  await mkdir(join(options.folder, 'tables'), { recursive: true })
  await Promise.all([collectFiles(options), ...tables.map(({ table }) => collectTable(options, table))])
}

async function collectFiles({ clients, settings, folder, scope }: CollectOptions): Promise<void> {
  const bucket = clients.storage.bucket(settings.resources.bucket)
  const [exists] = await bucket.exists()
  if (!exists) return
  const files = bucket.getFilesStream({ prefix: 'output/' }).filter((file: File) => isMeant(file, scope))
  await files.map((file: File) => download(file, folder), { concurrency: DOWNLOADS }).toArray()
}

const isMeant = ({ metadata }: File, scope?: Scope) =>
  scope === undefined || Date.parse(metadata.timeCreated!) >= scope.since

async function download(file: File, folder: string): Promise<string> {
  const destination = join(folder, file.name)
  if (relative(folder, destination) !== file.name) throw new Error(`No file can have the object's name: ${file.name}`)
  await mkdir(dirname(destination), { recursive: true })
  await file.download({ destination })
  return destination
}

async function collectTable({ clients, settings, folder, scope }: CollectOptions, table: string): Promise<void> {
  const source = clients.bigquery.dataset(settings.resources.dataset).table(table)
  const [exists] = await source.exists()
  const rows = !exists ? [] : scope ? rowsIn(scope, table, { clients, settings }) : tableRows(source)
  const lines = Readable.from(rows).map((row: object) => `${JSON.stringify(row)}\n`)
  await pipeline(lines, createWriteStream(join(folder, 'tables', `${table}.ndjson`)))
}

function rowsIn({ prefix }: Scope, table: string, { clients, settings }: Pick<CollectOptions, 'clients' | 'settings'>) {
  const name = `${settings.projectId}.${settings.resources.dataset}.${table}`
  return queryRows(clients.bigquery, `SELECT * FROM \`${name}\` WHERE STARTS_WITH(event_id, @prefix)`, { prefix })
}
