/**
 * Adds the optional packages of other platforms to package-lock.json.
 *
 * npm leaves an optional native package out of the lock file when the registry in use does not offer it, and `npm ci`
 * then refuses that lock on every platform. Run this after `npm install` has changed the lock file.
 */
import { readFileSync, writeFileSync } from 'node:fs'

type Entry = { version?: string; optional?: true; os?: string[]; cpu?: string[]; libc?: string[] } & {
  optionalDependencies?: Record<string, string>
}

const OS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const CPU = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

/** `@biomejs/cli-linux-x64-musl` says all that npm needs to skip the package elsewhere. */
function platform(name: string): Pick<Entry, 'os' | 'cpu' | 'libc'> {
  const words = name.split(/[/-]/)
  const os = OS.filter((o) => words.includes(o))
  const cpu = CPU.filter((c) => words.includes(c))
  const libc = words.includes('musl') ? ['musl'] : words.includes('gnu') ? ['glibc'] : []
  if (os.length !== 1 || cpu.length !== 1) throw new Error(`${name}: its name does not tell its platform`)
  return { os, cpu, ...(libc.length > 0 && { libc }) }
}

/** Node's look-up: the nearest node_modules above the package that asks. */
function isLocked(packages: Record<string, Entry>, from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    if (`${folder && `${folder}/`}node_modules/${name}` in packages) return true
    if (folder === '') return false
  }
}

const file = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> }
const missing = Object.entries(lock.packages).flatMap(([from, { optionalDependencies = {} }]) =>
  Object.entries(optionalDependencies).filter(([name]) => !isLocked(lock.packages, from, name)),
)
for (const [name, version] of missing) {
  if (!/^\d/.test(version)) throw new Error(`${name}@${version}: only an exact version can be locked unseen`)
  lock.packages[`node_modules/${name}`] = { version, optional: true, ...platform(name) }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1))
writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`)
console.log(`${missing.length} packages of other platforms added`)
