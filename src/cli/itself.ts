/** Sluice's own files. The package mirrors the folders of the sources, so that all lies in it as it lies here. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What only a clone of the sources can do is refused, or left out, where this is false. */
export const RUNS_FROM_SOURCES = import.meta.filename.endsWith('.ts')

/** Where package.json lies. */
export const ROOT = join(import.meta.dirname, '../..')

/** The program, for processes of its own. */
export const MAIN = join(import.meta.dirname, RUNS_FROM_SOURCES ? 'main.ts' : 'main.js')

export const { version: VERSION }: { readonly version: string } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
)
