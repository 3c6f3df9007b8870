/**
 * Writes the source archive of the table manager's Cloud Function: node scripts/function-source.ts FILE.zip
 *
 * It holds the files that src/tables/cloud.ts loads, and a package.json and lock of the packages that these import, at
 * the versions of this project's own lock: neither DuckDB nor Beam goes to the cloud with it. The same commit gives the
 * same bytes.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { installable } from './function-source/manifest.ts'
import { sourcesOf } from './function-source/sources.ts'
import { zip } from './function-source/zip.ts'

const ENTRY = 'src/tables/cloud.ts'
/** The catalogue reads this folder. */
const FOUND = 'src/catalogue/events/*.ts'

const [target] = process.argv.slice(2)
if (target === undefined) {
  console.error('Usage: node scripts/function-source.ts FILE.zip')
  process.exit(2)
}
const root = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path))
const json = (value: unknown) => Buffer.from(`${JSON.stringify(value, null, 2)}\n`)

const { files, packages } = sourcesOf(root, ENTRY, FOUND)
const parsed = (path: string) => JSON.parse(String(read(path)))
const { manifest, lock } = installable(parsed('package.json'), parsed('package-lock.json'), packages, ENTRY)
const archive = zip({
  'package.json': json(manifest),
  'package-lock.json': json(lock),
  ...Object.fromEntries(files.map((path) => [path, read(path)])),
})
mkdirSync(dirname(target), { recursive: true })
writeFileSync(target, archive)
console.error(`${target}: ${files.length} files, ${Object.keys(lock.packages).length - 1} packages`)
