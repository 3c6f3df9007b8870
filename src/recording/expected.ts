import { existsSync } from 'node:fs'
import { glob, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Fixture, writeAbout } from './fixture.ts'
import { FixtureError } from './format.ts'
import { readLines, writeLines } from './lines.ts'
import type { LinesByFile } from './outputs.ts'

const ENDING = /\.ndjson(\.gz)?$/

/** Whether `replay --update` has been run on it. */
export const hasExpected = ({ folder }: Pick<Fixture, 'folder'>): boolean => existsSync(join(folder, 'expected'))

/**
 * The files of `expected/`, in order. Reading one throws a FixtureError when its lines are not sorted, or are not as many
 * as fixture.json says.
 */
export async function readExpected({ folder, about }: Pick<Fixture, 'folder' | 'about'>): Promise<LinesByFile> {
  const expected = join(folder, 'expected')
  const found = (await Array.fromAsync(glob('*/*.ndjson{,.gz}', { cwd: expected }))).sort()
  const counts = about.counts.expected ?? {}
  const names = [...new Set([...found.map((name) => name.replace(ENDING, '')), ...Object.keys(counts)])]
  return new Map(
    names.map((name) => {
      const file = found.find((other) => other.replace(ENDING, '') === name)
      if (file === undefined)
        throw new FixtureError(`${folder} lacks expected/${name}.ndjson, which fixture.json lists.`)
      return [name, checked(join(expected, file), counts[name])]
    }),
  )
}

async function* checked(file: string, count: number | undefined): AsyncGenerator<string> {
  let at = 0
  let last = ''
  for await (const line of readLines(file)) {
    at++
    if (line < last) throw new FixtureError(`${file}:${at} is not in order: \`replay --update\` writes it in order.`)
    last = line
    yield line
  }
  if (at === count) return
  const said = count === undefined ? 'does not list it' : `says ${count}`
  throw new FixtureError(`${file} has ${at} lines, fixture.json ${said}: \`replay --update\` writes both.`)
}

/** Outputs that lie beside `expected/` and may take its place. */
export interface Staged {
  read(): LinesByFile
  /** Replaces `expected/`, and says in fixture.json how many lines there are. */
  commit(): Promise<void>
  discard(): Promise<void>
}

export async function stageExpected({ folder, about }: Fixture, outputs: LinesByFile): Promise<Staged> {
  const fresh = join(folder, 'expected.unfinished')
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh)
  const counts: Record<string, number> = {}
  for (const [name, lines] of [...outputs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const file = join(fresh, `${name}.ndjson`)
    await mkdir(dirname(file), { recursive: true })
    counts[name] = (await writeLines(file, lines)).lines
  }
  return {
    read: () => new Map(Object.keys(counts).map((name) => [name, readLines(join(fresh, `${name}.ndjson`))])),
    async commit() {
      await rm(join(folder, 'expected'), { recursive: true, force: true })
      await rename(fresh, join(folder, 'expected'))
      await writeAbout(folder, { ...about, counts: { ...about.counts, expected: counts } })
    },
    discard: () => rm(fresh, { recursive: true }),
  }
}
