import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { type ManualClock, manualClock } from '../clock/index.ts'
import { type EmulatorOptions, type Emulators, startEmulators } from '../emulators/index.ts'
import { type Clients, connect } from '../src/clients.ts'
import {
  collectOutputs,
  openOutputs,
  type PublishedMessage,
  type Reconciliation,
  reconcile,
} from '../src/outputs/index.ts'
import { provision } from '../src/resources.ts'
import { parseSettings, type Settings } from '../src/settings.ts'
import { variablesOf } from '../src/stack/index.ts'
import { applyTables } from '../src/tables/index.ts'

const root = join(import.meta.dirname, '..')

/** Emulators of a test's own, with the kit's topics, tables and bucket, and a clock that the test moves. */
export interface Backend extends AsyncDisposable {
  readonly clock: ManualClock
  readonly emulators: Emulators
  readonly settings: Settings
  readonly clients: Clients
  /** What another process needs to reach these emulators. */
  readonly environment: Readonly<Record<string, string>>
}

export interface BackendOptions {
  /** The time on the emulators' clock, in milliseconds since the epoch. */
  readonly start?: number
  /** Without the catalogue's tables: the test makes them when it wants them. */
  readonly tables?: 'none'
  /** Calls that are to fail. */
  readonly faults?: EmulatorOptions['faults']
}

export async function startBackend({ start, tables, faults }: BackendOptions = {}): Promise<Backend> {
  await using starting = new AsyncDisposableStack()
  const clock = manualClock(start)
  const emulators = starting.use(await startEmulators({ clock, ...(faults && { faults }) }))
  const environment = variablesOf(emulators)
  const settings = parseSettings(environment)
  const clients = starting.use(connect(settings))
  await provision(clients, settings)
  if (tables !== 'none') await applyTables(clients, settings)
  const running = starting.move()
  return { clock, emulators, settings, clients, environment, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** Collects what the pipeline wrote, and reconciles it. */
export async function reconciled(
  { clients, settings }: Pick<Backend, 'clients' | 'settings'>,
  published: readonly PublishedMessage[],
): Promise<Reconciliation> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-test-'))
  try {
    await collectOutputs({ clients, settings, folder })
    using outputs = await openOutputs(folder)
    return await reconcile(outputs, published)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** A `sluice` command in a process of its own, which ends at once should it try to leave this machine. */
export interface SluiceProcess extends AsyncDisposable {
  readonly pid: number
  /** Its lines on standard output, until it ends. */
  readonly lines: AsyncIterable<string>
  /** All that it has written on standard error, once it has ended. */
  readonly complaints: Promise<string>
  /** Where it listens, once its log on standard error says so. */
  readonly url: Promise<string>
  /** Resolves when it has ended: with its exit code, or with the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  kill(signal: NodeJS.Signals): void
}

/** `project` is the folder with the sources: this one unless told otherwise. */
export function spawnSluice(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  project = root,
): SluiceProcess {
  const guard = join(root, 'tests/offline/process.ts')
  const node = ['--import', guard, join(project, 'src/cli/main.ts')]
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(process.execPath, [...node, ...args], {
    env: { PATH: process.env.PATH, NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit').then(([code, signal]) => code ?? signal)
  const { promise: url, resolve: listens } = Promise.withResolvers<string>()
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk
    const [, found] = /"url":"([^"]+)"/.exec(said) ?? []
    if (found) listens(found)
  })
  return {
    pid: child.pid!,
    lines: createInterface({ input: child.stdout }),
    complaints: once(child.stderr, 'end').then(() => said),
    url,
    ended,
    kill: (signal) => child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Runs a `sluice` command to its end. */
export async function runSluice(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ exitCode: number | NodeJS.Signals; output: string; complaints: string }> {
  await using running = spawnSluice(args, environment)
  const lines = await Array.fromAsync(running.lines)
  return { exitCode: await running.ended, output: lines.join('\n'), complaints: await running.complaints }
}
