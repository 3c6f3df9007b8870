import { globSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type Extent, holdsFile } from './extent.ts'

/** How the pipeline names every file: `output/order/2024/01/15/10/30/order_202401151030001.json`. */
const RAW_FILE = /^output\/([^/]+)\/\d{4}(\/\d\d){4}\/\1_\d{12}\d{3,}\.json$/

/** The raw files of a collected folder, by their names in the bucket; strange are those that no pipeline of ours writes. */
export function rawFiles(folder: string, extent: Extent = {}): { known: string[]; strange: string[] } {
  const files = globSync('output/**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((file) => holdsFile(extent, file))
  const { known = [], strange = [] } = Object.groupBy(files, (file) => (RAW_FILE.test(file) ? 'known' : 'strange'))
  return { known, strange }
}

/** A text in DuckDB's SQL. */
export const text = (value: string) => `'${value.replaceAll("'", "''")}'`

/** A list of files in DuckDB's SQL, which takes each name for a pattern. */
export const fileList = (files: readonly string[]) =>
  `[${files.map((file) => text(file.replace(/[[*?]/g, '[$&]'))).join(', ')}]`

/** One row for each line; a line that is not JSON fails the query rather than vanish. */
export function jsonLines(files: readonly string[]): string {
  if (files.length === 0) return "SELECT ''::VARCHAR AS filename, NULL::JSON AS line WHERE false"
  return `SELECT filename, json AS line
    FROM read_ndjson_objects(${fileList(files)}, filename = true, maximum_object_size = 134217728)`
}
