import { existsSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { tables } from '../catalogue/index.ts'
import type { Part } from '../outputs/index.ts'
import { Canon, type CanonicalLine, type RunFacts } from './canonical.ts'
import { readLines } from './lines.ts'
import { Sorter } from './sorted.ts'

/** Files of canonical lines, by name without ending (`tables/orders`), each in order. */
export type LinesByFile = ReadonlyMap<string, AsyncIterable<string>>

export interface CanonicalOptions {
  /** What collectOutputs() left. */
  readonly folder: string
  /** Absent: both. */
  readonly only?: Part
  /** A folder for what is more than fits into memory. */
  readonly temporary: string
  readonly facts: RunFacts
}

/** Outputs in the form of `expected/`, in constant memory. Each file can be read once. */
export async function canonicalOutputs(options: CanonicalOptions): Promise<LinesByFile> {
  const sorters = new Map<string, Sorter>()
  for await (const { file, text } of canonicalLines(options)) {
    const sorter = sorters.get(file) ?? new Sorter(options.temporary)
    sorters.set(file, sorter)
    const spilling = sorter.add(text)
    if (spilling) await spilling
  }
  return new Map([...sorters].map(([file, sorter]) => [file, sorter.sorted()]))
}

async function* canonicalLines({ folder, only, facts }: CanonicalOptions): AsyncGenerator<CanonicalLine> {
  const canon = new Canon(facts)
  for (const { table } of only === 'files' ? [] : tables) {
    const file = join(folder, 'tables', `${table}.ndjson`)
    if (existsSync(file)) for await (const line of readLines(file)) yield canon.row(table, line)
  }
  if (only === 'tables') return
  for await (const entry of glob('output/**/*', { cwd: folder, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const path = file.slice(folder.length + 1)
    for await (const line of readLines(file)) yield canon.rawLine(path, line)
  }
}
