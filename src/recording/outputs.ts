import { existsSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { tables } from '../catalogue/index.ts'
import { Canon, type CanonicalLine, type RunFacts } from './canonical.ts'
import { readLines } from './lines.ts'
import { Sorter } from './sorted.ts'

/** Files of canonical lines, by name without ending (`tables/orders`), each in order. */
export type LinesByFile = ReadonlyMap<string, AsyncIterable<string>>

/**
 * What collectOutputs() left in `folder`, in the form of `expected/`. Constant memory: what is more goes to `temporary`.
 * Each file can be read once.
 */
export async function canonicalOutputs(folder: string, temporary: string, facts: RunFacts): Promise<LinesByFile> {
  const sorters = new Map<string, Sorter>()
  for await (const { file, text } of canonicalLines(folder, new Canon(facts))) {
    const sorter = sorters.get(file) ?? new Sorter(temporary)
    sorters.set(file, sorter)
    const spilling = sorter.add(text)
    if (spilling) await spilling
  }
  return new Map([...sorters].map(([file, sorter]) => [file, sorter.sorted()]))
}

async function* canonicalLines(folder: string, canon: Canon): AsyncGenerator<CanonicalLine> {
  for (const { table } of tables) {
    const file = join(folder, 'tables', `${table}.ndjson`)
    if (existsSync(file)) for await (const line of readLines(file)) yield canon.row(table, line)
  }
  for await (const entry of glob('output/**/*', { cwd: folder, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const path = file.slice(folder.length + 1)
    for await (const line of readLines(file)) yield canon.rawLine(path, line)
  }
}
