import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { type Mutation, mutations } from './mutations.ts'

/**
 * Breaks the pipeline on purpose, in one way after the other, and sees to it that replaying the fixtures finds each:
 *
 *   npm run test:mutations                        all of them
 *   npm run test:mutations -- 'double write' -v   this one, and what replay says of it
 *
 * Works on a copy of the sources. The fixtures must be as expected there before anything is broken.
 */

const root = join(import.meta.dirname, '../..')
const COPIED = ['clock', 'emulators', 'src', 'pipeline', 'fixtures', 'package.json']

interface Replayed {
  readonly exitCode: number
  readonly output: string
}

/** `file` is below `pipeline/`. */
async function withMutation<Result>(
  copy: string,
  { name, file, find, replace }: Mutation,
  work: () => Promise<Result>,
): Promise<Result> {
  const path = join(copy, 'pipeline', file)
  const source = await readFile(path, 'utf8')
  const parts = source.split(find)
  if (parts.length !== 2) {
    throw new Error(
      `“${name}” finds its place in pipeline/${file} ${parts.length - 1} times: let it follow the source.`,
    )
  }
  await writeFile(path, parts.join(replace))
  try {
    return await work()
  } finally {
    await writeFile(path, source)
  }
}

let running: ChildProcess | undefined

async function replayed(copy: string): Promise<Replayed> {
  const child = spawn(process.execPath, ['src/cli/main.ts', 'replay', 'fixtures', '--patience', '5'], {
    cwd: copy,
    env: { PATH: process.env.PATH, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running = child
  const [output, complaints, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { exitCode: code ?? -1, output: output + complaints }
}

/** Lines that were broken at 80 columns are whole again. */
const unwrapped = (output: string) => output.replaceAll(/\n {2,4}(?=\S)/g, ' ')

/** Nothing: it was caught. */
function escaped({ says }: Mutation, { exitCode, output }: Replayed): string | undefined {
  if (exitCode !== 1) return `replay ends with exit code ${exitCode}`
  const unsaid = says.filter((words) => !words.test(unwrapped(output)))
  return unsaid.length === 0 ? undefined : `replay does not say ${unsaid.join(' and ')}`
}

const { values, positionals } = parseArgs({
  options: { verbose: { type: 'boolean', short: 'v' } },
  allowPositionals: true,
})
const chosen = mutations.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
if (chosen.length === 0) throw new Error(`Mutations are: ${mutations.map(({ name }) => name).join(', ')}.`)

const copy = await mkdtemp(join(tmpdir(), 'sluice-mutations-'))
process.once('SIGINT', () => running?.kill())
try {
  await Promise.all(COPIED.map((name) => cp(join(root, name), join(copy, name), { recursive: true })))
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  const sound = await replayed(copy)
  if (sound.exitCode !== 0) throw new Error(`The fixtures are not as expected to begin with:\n${sound.output}`)
  console.log('as it is: all fixtures as expected')
  for (const mutation of chosen) {
    const result = await withMutation(copy, mutation, () => replayed(copy))
    const why = escaped(mutation, result)
    console.log(`${mutation.name}: ${why === undefined ? 'caught' : `ESCAPED, ${why}`}`)
    if (values.verbose || why !== undefined) console.log(result.output)
    if (why !== undefined) process.exitCode = 1
  }
} finally {
  await rm(copy, { recursive: true })
}
