/** package.json and package-lock.json for some of a project's dependencies, at the very versions of its own lock. */

type Ranges = Readonly<Record<string, string>>

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly private?: boolean
  readonly type?: string
  readonly engines?: Ranges
  readonly dependencies?: Ranges
  readonly overrides?: Readonly<Record<string, unknown>>
  readonly allowScripts?: Readonly<Record<string, boolean>>
}

interface LockedPackage {
  readonly version?: string
  readonly dependencies?: Ranges
  readonly optionalDependencies?: Ranges
  readonly peerDependencies?: Ranges
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

export interface Lock {
  readonly lockfileVersion: number
  /** By the folder that npm puts it into; the project itself at ''. */
  readonly packages: Readonly<Record<string, LockedPackage>>
}

/** What npm reads of a project to install it. */
export interface Installable {
  readonly manifest: Manifest & { readonly main: string }
  readonly lock: Lock
}

/**
 * Some of a project's dependencies, and what these need. `main` is where the function is: the buildpack refuses its own
 * variable GOOGLE_FUNCTION_SOURCE for Node.
 */
export function installable(project: Manifest, locked: Lock, names: readonly string[], main: string): Installable {
  const missing = names.filter((name) => project.dependencies?.[name] === undefined)
  if (missing.length > 0) throw new Error(`package.json lacks what the sources import: ${missing.join(', ')}`)
  const dependencies = pick(project.dependencies ?? {}, (name) => names.includes(name))
  const kept = reached(locked, dependencies)
  const { version, license, engines, allowScripts } = project
  const root = { name: `${project.name}-table-manager`, version, license, engines, dependencies }
  const overrides = overridesFor(locked, kept, namesIn(project.overrides))
  return {
    manifest: { ...root, private: true, type: 'module', main, overrides, allowScripts },
    lock: { ...locked, packages: { '': root, ...pick(locked.packages, (folder) => kept.has(folder)) } },
  }
}

/** The folders of all packages that these dependencies bring. */
function reached(lock: Lock, dependencies: Ranges): ReadonlySet<string> {
  const kept = new Set<string>()
  const visit = (folder: string, asking: LockedPackage) => {
    const optional = { ...asking.optionalDependencies, ...optionalPeers(asking) }
    for (const name of Object.keys({ ...asking.dependencies, ...asking.peerDependencies, ...optional })) {
      const found = lookUp(lock, folder, name)
      if (found === undefined && name in optional) continue
      if (found === undefined) throw new Error(`${folder || 'package.json'} asks for ${name}, which is not locked`)
      if (kept.has(found)) continue
      kept.add(found)
      visit(found, lock.packages[found]!)
    }
  }
  visit('', { dependencies })
  return kept
}

/**
 * The project's overrides are meant for one dependency, but npm locks them for others as well. These have to stay as they
 * are locked, or npm refuses the lock.
 */
function overridesFor({ packages }: Lock, kept: ReadonlySet<string>, names: ReadonlySet<string>) {
  const overrides: Record<string, Record<string, string>> = {}
  for (const folder of kept) {
    const [, parent, name] =
      /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\/node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(folder) ?? []
    if (parent === undefined || name === undefined || !names.has(name)) continue
    overrides[parent] = { ...overrides[parent], [name]: packages[folder]!.version! }
  }
  return overrides
}

/** Every package that overrides speak of, however deep. */
function namesIn(overrides: unknown): ReadonlySet<string> {
  if (typeof overrides !== 'object' || overrides === null) return new Set()
  return new Set(Object.entries(overrides).flatMap(([name, inner]) => [name, ...namesIn(inner)]))
}

const optionalPeers = ({ peerDependencies = {}, peerDependenciesMeta = {} }: LockedPackage) =>
  pick(peerDependencies, (name) => peerDependenciesMeta[name]?.optional === true)

/** Node's look-up: the nearest node_modules above the package that asks. */
function lookUp({ packages }: Lock, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const candidate = `${folder && `${folder}/`}node_modules/${name}`
    if (candidate in packages) return candidate
    if (folder === '') return undefined
  }
}

const pick = <Value>(record: Readonly<Record<string, Value>>, keep: (name: string) => boolean) =>
  Object.fromEntries(Object.entries(record).filter(([name]) => keep(name)))
