import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { readLines, writeLines } from './lines.ts'

/** So many characters are sorted in memory; beyond, sorted runs go to the disk and are merged. */
const MOST_CHARACTERS = 32 * 1024 * 1024

/** Sorts any number of lines, by UTF-16 code units as JavaScript does, in constant memory. */
export class Sorter {
  readonly #folder: string
  readonly #most: number
  readonly #runs: string[] = []
  #lines: string[] = []
  #characters = 0

  /** `folder` is one for temporary files; whoever made it removes it. */
  constructor(folder: string, most = MOST_CHARACTERS) {
    this.#folder = folder
    this.#most = most
  }

  /** Undefined, unless it has to be waited for. */
  add(line: string): Promise<void> | undefined {
    this.#lines.push(line)
    this.#characters += line.length
    return this.#characters < this.#most ? undefined : this.#spill()
  }

  async #spill(): Promise<void> {
    const lines = this.#lines.sort()
    this.#lines = []
    this.#characters = 0
    const run = join(await mkdtemp(join(this.#folder, 'run-')), 'sorted.ndjson')
    this.#runs.push(run)
    await writeLines(run, lines)
  }

  /** All lines so far in order. Nothing may be added afterwards. */
  async *sorted(): AsyncGenerator<string> {
    const rest = this.#lines.sort()
    if (this.#runs.length === 0) yield* rest
    else yield* merge([...this.#runs.map((run) => readLines(run)), fromMemory(rest)])
  }
}

async function* fromMemory(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines
}

async function* merge(runs: readonly AsyncGenerator<string>[]): AsyncGenerator<string> {
  const heads: { line: string; run: AsyncGenerator<string> }[] = []
  const advance = async (run: AsyncGenerator<string>) => {
    const { done, value } = await run.next()
    if (!done) heads.push({ line: value, run })
  }
  for (const run of runs) await advance(run)
  while (heads.length > 0) {
    let least = 0
    for (let i = 1; i < heads.length; i++) if (heads[i]!.line < heads[least]!.line) least = i
    const [{ line, run }] = heads.splice(least, 1) as [(typeof heads)[number]]
    yield line
    await advance(run)
  }
}
