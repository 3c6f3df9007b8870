import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

export interface Sources {
  /** Paths from the root, sorted. */
  readonly files: readonly string[]
  /** Names of the packages that they import, sorted. */
  readonly packages: readonly string[]
}

/**
 * The files that an entry file loads, and the packages. `found` names files that are loaded by reading a folder, which
 * no import tells.
 */
export function sourcesOf(root: string, entry: string, found: string): Sources {
  const packages = new Set<string>()
  const files = new Set<string>()
  const visit = (path: string) => {
    if (files.has(path)) return
    files.add(path)
    for (const specifier of importsOf(readFileSync(join(root, path), 'utf8'))) {
      if (specifier.startsWith('.')) visit(relative(root, join(root, dirname(path), specifier)))
      else if (!specifier.startsWith('node:')) packages.add(packageOf(specifier))
    }
  }
  for (const path of [entry, ...globSync(found, { cwd: root })]) visit(path)
  return { files: [...files].sort(), packages: [...packages].sort() }
}

/** What is left when the types are taken away: `import type` loads nothing. */
function importsOf(text: string): string[] {
  const statements = text.matchAll(/^(?:import|export)\s(?!type\s)(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)
  const calls = text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)
  return [...statements, ...calls].map(([, specifier]) => specifier!)
}

/** `@grpc/grpc-js/build/x` → `@grpc/grpc-js`. */
const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
