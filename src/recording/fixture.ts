import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { glob, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type About, FixtureError, parseAbout, parseLine, type RecordedMessage } from './format.ts'
import { readLines } from './lines.ts'

/** A fixture: recorded messages on disk and what the pipeline must make of them. */
export interface Fixture {
  readonly folder: string
  readonly about: About
  /** In the order in which they were published; read from the disk each time. */
  messages(): AsyncIterable<RecordedMessage>
}

/** Opens a fixture's folder and reads all of its messages once, to hold them against its own description. */
export async function openFixture(folder: string): Promise<Fixture> {
  const description = join(folder, 'fixture.json')
  const about = parseAbout(await read(description), description)
  const file = messagesFile(folder)
  const hash = createHash('sha256')
  let count = 0
  for await (const line of readLines(file, (bytes) => hash.update(bytes))) parseLine(line, `${file}:${++count}`)
  const actual = `sha256:${hash.digest('hex')}`
  if (actual !== about.hash) {
    throw new FixtureError(`${file} is not what was recorded: its hash is ${actual}, fixture.json says ${about.hash}.`)
  }
  if (count !== about.counts.messages) {
    throw new FixtureError(`${file} has ${count} messages, fixture.json says ${about.counts.messages}.`)
  }
  return {
    folder,
    about,
    messages: () => readMessages(folder),
  }
}

/** The messages in a fixture's folder, as they stand. Throws a FixtureError at one that is none. */
export async function* readMessages(folder: string): AsyncGenerator<RecordedMessage> {
  const file = messagesFile(folder)
  let at = 0
  for await (const line of readLines(file)) yield parseLine(line, `${file}:${++at}`)
}

/** The fixtures in a folder: itself, or those in the folders below. Throws a FixtureError when there is none. */
export async function findFixtures(folder: string): Promise<string[]> {
  if (existsSync(join(folder, 'fixture.json'))) return [folder]
  const found = await Array.fromAsync(glob('**/fixture.json', { cwd: folder }))
  if (found.length > 0) return found.map((file) => join(folder, file, '..')).sort()
  throw new FixtureError(
    `There is no fixture in ${folder}: one is a folder with fixture.json, messages.ndjson and expected/.`,
  )
}

export const writeAbout = (folder: string, about: About): Promise<void> =>
  writeFile(join(folder, 'fixture.json'), `${JSON.stringify(about, null, 2)}\n`)

const MESSAGES = ['messages.ndjson', 'messages.ndjson.gz']

function messagesFile(folder: string): string {
  const found = MESSAGES.map((name) => join(folder, name)).filter((file) => existsSync(file))
  if (found.length === 1) return found[0]!
  const names = found.map((file) => basename(file)).join(' and ')
  throw new FixtureError(
    found.length === 0 ? `${folder} has no ${MESSAGES.join(' or ')}.` : `${folder} has both ${names}: keep one.`,
  )
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new FixtureError(`${file} cannot be read: a fixture is a folder with fixture.json and messages.ndjson.`, {
      cause,
    })
  }
}
