import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { environmentWith } from '../settings.ts'
import { ROOT, RUNS_FROM_SOURCES } from './itself.ts'
import { UserError } from './user-error.ts'

/** Of what Docker complained about, the end tells what went wrong. */
const LAST_LINES = 40

export interface DockerOptions {
  /** On top of this process's own environment. */
  readonly environment?: Readonly<Record<string, string>>
  /** Hears each line of progress, which Docker writes to standard error. */
  readonly onLine?: (line: string) => void
  /** After so many seconds it is ended, and counts as failed. */
  readonly seconds?: number
}

/** A `docker` command that failed; the message holds what it said last. */
export class DockerFailed extends UserError {}

/** Runs `docker` to its end and returns its standard output. Throws a DockerFailed, or ENOENT when there is none. */
export async function docker(args: readonly string[], options: DockerOptions = {}): Promise<string> {
  const { environment = {}, onLine = () => {}, seconds } = options
  const child = spawn('docker', args, {
    cwd: ROOT,
    env: environmentWith(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(seconds !== undefined && { timeout: seconds * 1_000 }),
  })
  const said: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.trim() === '') return
    said.push(line)
    onLine(line.trim())
  })
  const [output, [code, signal]] = await Promise.all([text(child.stdout), once(child, 'close')])
  if (code === 0) return output
  const how = signal ? `did not end within ${seconds} s` : `failed with code ${code}`
  const last = [...output.trimEnd().split('\n').slice(-LAST_LINES), ...said.slice(-LAST_LINES)]
  throw new DockerFailed([`\`docker ${args.join(' ')}\` ${how}:`, ...last].join('\n'))
}

/** `docker compose` on the project's file. */
export const compose = (args: readonly string[], options?: DockerOptions) =>
  docker(['compose', '--ansi', 'never', ...args], options)

/**
 * Throws a UserError that says how to get what is missing: the Compose file and what it builds, Docker, its Compose, or an
 * engine that answers in time.
 */
export async function dockerIsThere(seconds = 20): Promise<void> {
  if (!RUNS_FROM_SOURCES) throw new UserError(NO_SOURCES)
  try {
    await docker(['version', '--format', '{{.Server.Version}}'], { seconds })
  } catch (thrown) {
    throw new UserError(isMissing(thrown) ? `there is no \`docker\` on the path: ${GET_DOCKER}` : NO_ENGINE)
  }
  const version = await docker(['compose', 'version', '--short'], { seconds }).catch(() => '')
  if (!/^v?[2-9]|^v?\d\d/.test(version)) throw new UserError(NO_COMPOSE)
}

const isMissing = (thrown: unknown) => thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'

const NO_SOURCES =
  'the stack in containers is built from the sources of Sluice, which its npm package does not hold: run `npm run sluice` in a clone of them. `sluice dev` runs everything without Docker.'
const GET_DOCKER =
  'https://docs.docker.com/get-started/get-docker/ tells how to get it. `sluice dev` runs everything without it.'
const NO_ENGINE =
  'no Docker engine answers: start Docker Desktop, or `sudo systemctl start docker`. `sluice dev` runs everything without it.'
const NO_COMPOSE =
  '`docker compose`, version 2, is missing: https://docs.docker.com/compose/install/ tells how to get it.'
