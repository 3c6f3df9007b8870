import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TableDefinition } from '../../../src/catalogue/index.ts'
import { type CollectOptions, collectOutputs } from '../../../src/outputs/index.ts'

/** The rows of a table, as the outputs of the pipeline are collected. */
export async function readTable(
  services: Pick<CollectOptions, 'clients' | 'settings'>,
  { table }: TableDefinition,
): Promise<Record<string, unknown>[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-sinks-'))
  try {
    await collectOutputs({ ...services, folder })
    const text = await readFile(join(folder, 'tables', `${table}.ndjson`), 'utf8')
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  } finally {
    await rm(folder, { recursive: true })
  }
}
