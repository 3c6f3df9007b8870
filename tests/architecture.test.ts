/** Holds the rules between the parts, as docs/architecture.md states them. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

interface SourceFile {
  readonly path: string
  readonly text: string
  /** Paths from the root for our own files, names for packages. */
  readonly imports: readonly string[]
  readonly typeImports: readonly string[]
}

const files: SourceFile[] = globSync('{clock,emulators,src,pipeline}/**/*.ts', { cwd: root }).map((path) => {
  const text = readFileSync(join(root, path), 'utf8')
  const found = [
    ...text.matchAll(/^(import|export)\s+(type\s)?[^'"]*?from\s+['"]([^'"]+)['"]|import\(['"]([^'"]+)['"]\)/gm),
  ]
  const target = (specifier: string) =>
    specifier.startsWith('.') ? relative(root, join(root, dirname(path), specifier)) : specifier
  const all = found.map(([, , type, from, dynamic]) => ({ type: type !== undefined, target: target(from ?? dynamic!) }))
  return {
    path,
    text,
    imports: all.filter(({ type }) => !type).map(({ target: t }) => t),
    typeImports: all.filter(({ type }) => type).map(({ target: t }) => t),
  }
})
/** What only tests load lies in a folder `tests`, or in a file named for it. */
const product = files.filter(({ path }) => !/\.test\.ts$|\/tests\/|\/testing(-\w+)?\.ts$/.test(path))

/** Folders that are entered through their index.ts alone, the innermost first. */
const PARTS = [
  'emulators/bigquery/sql',
  'emulators/shared',
  'emulators/pubsub',
  'emulators/storage',
  'emulators/bigquery',
  'src/catalogue',
  'src/generator',
  'src/tables',
  'src/recording',
  'src/outputs',
  'src/replay',
  'src/stack',
  'src/testing',
  'pipeline',
  'clock',
]
const partOf = (path: string) => PARTS.find((part) => path.startsWith(`${part}/`))
const isOurs = (target: string) => /^(clock|emulators|src|pipeline|tests)\//.test(target)
const every = (file: SourceFile) => [...file.imports, ...file.typeImports]

/** `from → to` for each import that breaks a rule. */
const offences = (breaks: (from: string, to: string) => boolean, among = product, imports = every) =>
  among.flatMap((file) =>
    imports(file)
      .filter((to) => breaks(file.path, to))
      .map((to) => `${file.path} → ${to}`),
  )

test('the rules are held against real files', () => {
  expect(product.length).toBeGreaterThan(40)
  expect(product.flatMap(every).length).toBeGreaterThan(100)
})

test('emulators and the product meet on the wire only', () => {
  expect(offences((from, to) => from.startsWith('emulators/') && /^(src|pipeline)\//.test(to))).toEqual([])
  const starts = (from: string) => /^src\/(cli|stack)\//.test(from)
  expect(
    offences((from, to) => !from.startsWith('emulators/') && to.startsWith('emulators/') && !starts(from)),
  ).toEqual([])
  expect(offences((from, to) => starts(from) && to.startsWith('emulators/') && to !== 'emulators/index.ts')).toEqual([])
})

test('no emulator imports another', () => {
  const emulatorOf = (path: string) => /^emulators\/(pubsub|storage|bigquery)\//.exec(path)?.[1]
  expect(
    offences((from, to) => {
      const [a, b] = [emulatorOf(from), emulatorOf(to)]
      return a !== undefined && b !== undefined && a !== b
    }),
  ).toEqual([])
})

test('models know neither the wire nor the layers above them', () => {
  const models = product.filter(({ path }) => /^emulators\/\w+\/(model|sql)\//.test(path))
  expect(models.length).toBeGreaterThan(5)
  const wire = /^(fastify|@grpc\/|node:(http|https|http2|net|tls)$|@google-cloud\/)|\/(handlers|wire)\/|\/server\.ts$/
  expect(offences((_from, to) => wire.test(to), models)).toEqual([])
})

test('the catalogue imports the schema library alone, and transforms the catalogue alone', () => {
  const outside = (part: string) => (from: string, to: string) => from.startsWith(part) && !to.startsWith(part)
  const allowed = (to: string) => /^(zod|node:\w+|src\/catalogue\/index\.ts)$/.test(to)
  expect(offences((from, to) => outside('src/catalogue/')(from, to) && !allowed(to))).toEqual([])
  expect(offences((from, to) => outside('pipeline/transforms/')(from, to) && !allowed(to))).toEqual([])
})

test('a folder is entered through its index.ts', () => {
  const isInner = (from: string, to: string) => {
    const part = partOf(to)
    if (part === undefined || to === `${part}/index.ts` || from.startsWith(`${part}/`)) return false
    // A part inside another may use what surrounds it.
    const around = PARTS.find((p) => part.startsWith(`${p}/`) || p === part)
    return !(from.startsWith('emulators/bigquery/sql/') && around === 'emulators/bigquery')
  }
  expect(offences((from, to) => isOurs(to) && isInner(from, to))).toEqual([])
})

test('DuckDB is known to the BigQuery engine and to the outputs alone', () => {
  const mayKnow = /^(emulators\/bigquery\/engine\/|src\/outputs\/)/
  expect(offences((from, to) => to.startsWith('@duckdb/') && !mayKnow.test(from))).toEqual([])
})

test('what only some tests of users have is loaded by the entries for them alone', () => {
  const entries = new Map([
    ['vitest', 'src/testing/setup.ts'],
    ['msw', 'src/testing/msw.ts'],
  ])
  expect(offences((from, to) => entries.has(to) && entries.get(to) !== from)).toEqual([])
  const inside = product.filter(({ path }) => path.startsWith('src/testing/') && ![...entries.values()].includes(path))
  expect(offences((_from, to) => [...entries.values()].includes(to), inside)).toEqual([])
})

test('the environment is read in settings.ts, and the process ended in cli/main.ts', () => {
  const readers = product.filter(({ text }) => text.includes('process.env')).map(({ path }) => path)
  expect(readers).toEqual(['src/settings.ts'])
  const enders = product.filter(({ text }) => text.includes('process.exit(')).map(({ path }) => path)
  expect(enders).toEqual(['src/cli/main.ts'])
})

test('no command reads its settings past the check for credentials', () => {
  const commands = product.filter(({ path }) => path.startsWith('src/cli/commands/'))
  expect(commands.length).toBeGreaterThan(5)
  expect(offences((_from, to) => to === 'src/settings.ts', commands)).toEqual([])
})

test('no model reads the wall clock or makes up a random value', () => {
  const chance = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\brandomUUID\(/
  const offenders = product
    .filter(({ path }) => /\/(model|transforms|catalogue)\//.test(path))
    .filter(({ text }) => chance.test(text))
  expect(offenders.map(({ path }) => path)).toEqual([])
})

/** Expressions hold queries, and queries expressions: folders whose files mirror a grammar (docs/decisions/0004). */
const GRAMMARS = new Map([
  ['parser', /^emulators\/bigquery\/sql\/parser\//],
  ['analyzer', /^emulators\/bigquery\/sql\/(analyzer|functions)\//],
])

test('imports make no cycles, but inside a folder that mirrors a recursive grammar', () => {
  const unit = (path: string) => [...GRAMMARS].find(([, files]) => files.test(path))?.[0] ?? path
  const graph = new Map<string, string[]>()
  for (const { path, imports } of product) {
    const outside = imports
      .filter(isOurs)
      .map(unit)
      .filter((target) => target !== unit(path))
    graph.set(unit(path), [...(graph.get(unit(path)) ?? []), ...outside])
  }
  const done = new Set<string>()
  const cycleFrom = (path: string, trail: readonly string[]): string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path]
    if (done.has(path)) return undefined
    const cycle = (graph.get(path) ?? []).map((next) => cycleFrom(next, [...trail, path])).find(Boolean)
    done.add(path)
    return cycle
  }
  expect([...graph.keys()].map((path) => cycleFrom(path, [])).filter(Boolean)).toEqual([])
})
