/** What is in the package beside compiled code: its package.json, that of the Beam SDK in it, and some files as they are. */

type Ranges = Readonly<Record<string, string>>

export interface Project {
  readonly version: string
  readonly bin: Ranges
  readonly exports: Ranges
  readonly dependencies: Ranges
  readonly overrides: { readonly 'apache-beam': Ranges }
  readonly [field: string]: unknown
}

export interface Sdk {
  readonly version: string
  readonly dependencies: Ranges
  readonly [field: string]: unknown
}

export interface Manifests {
  readonly sluice: Readonly<Record<string, unknown>> & { readonly dependencies: Ranges }
  readonly sdk: Readonly<Record<string, unknown>> & { readonly dependencies: Ranges }
}

/** Beside what is compiled: what e2e publishes, what `sluice pipeline --runner flink` points to, what messages refer to. */
export const ALONG = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'docs',
  'fixtures/deployment-guide',
  'scripts/fetch-flink.sh',
  'scripts/flink/jars.sha256',
  'scripts/flink/pom.xml',
]

/** What the SDK loads without saying so; `@protobuf-ts/grpc-transport` has it at the same versions. */
const UNDECLARED: Ranges = { '@protobuf-ts/runtime': '^2.1.0', '@protobuf-ts/runtime-rpc': '^2.1.0' }

/** For whoever works on the project: npm heeds neither overrides nor allowScripts of a package that somebody installs. */
const OURS_ALONE = ['scripts', 'devDependencies', 'overrides', 'allowScripts']

/** What the overrides have another package stand in for: it is never loaded. */
export const isStoodInFor = ({ overrides }: Project, name: string) =>
  overrides['apache-beam'][name]?.startsWith('npm:') ?? false

/**
 * The SDK goes along as a bundled dependency, with what lies in a folder of its own, `nested`, since others need it at
 * another version. The package asks for the rest of what the SDK loads, at the versions that the project's overrides name.
 * The SDK itself must not: whatever a bundled package asks for, npm takes for bundled too, and leaves it out, where it has
 * to lie beside it.
 */
export function manifests(project: Project, { version, ...sdk }: Sdk, nested: readonly string[]): Manifests {
  const overrides = project.overrides['apache-beam']
  const needed = Object.entries({ ...sdk.dependencies, ...UNDECLARED })
    .filter(([name]) => !isStoodInFor(project, name))
    .map(([name, range]): [string, string] => [name, project.dependencies[name] ?? overrides[name] ?? range])
  const part = (isNested: boolean): Ranges =>
    Object.fromEntries(needed.filter(([name]) => nested.includes(name) === isNested))
  const dependencies = { ...part(false), ...project.dependencies, 'apache-beam': version }
  return {
    sluice: {
      ...without(project, OURS_ALONE),
      bin: mapped(project.bin, compiled),
      exports: {
        ...mapped(project.exports, (path) => ({ types: path.replace(/\.ts$/, '.d.ts'), default: compiled(path) })),
        './package.json': './package.json',
      },
      dependencies: sorted(dependencies),
      bundleDependencies: ['apache-beam'],
    },
    sdk: {
      ...without(sdk, ['devDependencies', 'scripts', 'bin', 'files']),
      version,
      license: 'Apache-2.0',
      dependencies: part(true),
    },
  }
}

const compiled = (path: string) => path.replace(/\.ts$/, '.js')

const mapped = <From, To>(record: Readonly<Record<string, From>>, change: (value: From) => To) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))

const without = (record: Readonly<Record<string, unknown>>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)))

const sorted = (ranges: Ranges): Ranges =>
  Object.fromEntries(Object.entries(ranges).sort(([a], [b]) => (a < b ? -1 : 1)))
