import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { CanonicalOutputs } from './canonical.ts'
import { ndjson } from './fixture.ts'

/** Reads `expected/*.ndjson` of a fixture; a fixture without that folder expects nothing. */
export async function readExpected(folder: string): Promise<CanonicalOutputs> {
  const names = await readdir(join(folder, 'expected')).catch(() => [])
  const files = names.filter((name) => name.endsWith('.ndjson')).sort()
  return new Map(
    await Promise.all(
      files.map(async (name) => {
        const content = await readFile(join(folder, 'expected', name), 'utf8')
        return [basename(name, '.ndjson'), ndjson(content).map((line) => JSON.parse(line))] as const
      }),
    ),
  )
}

/** Replaces `expected/` by these outputs. */
export async function writeExpected(folder: string, outputs: CanonicalOutputs): Promise<void> {
  await rm(join(folder, 'expected'), { recursive: true, force: true })
  await mkdir(join(folder, 'expected'), { recursive: true })
  for (const [file, entries] of outputs) {
    const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
    await writeFile(join(folder, 'expected', `${file}.ndjson`), lines)
  }
}
