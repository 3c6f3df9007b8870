import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { runSluice, spawnSluice, startBackend } from '../harness.ts'
import { options, Runner } from './runner.ts'

// Each test starts up to three processes.
vi.setConfig({ testTimeout: 60_000 })

/** What the image of the workers starts. */
const [, entryPoint] = /AS worker\n(?:.*\n)*?ENTRYPOINT (.*)/.exec(
  readFileSync(join(import.meta.dirname, '../../Dockerfile'), 'utf8'),
)!
const [program, ...words] = JSON.parse(entryPoint!) as string[]

const boot = (runner: Runner) => [
  ...words.slice(words.indexOf('src/cli/main.ts') + 1),
  '--id=sdk-0-0',
  `--provision_endpoint=${runner.address}`,
]

test('the image of the workers starts a command of sluice', () => {
  expect([program, words]).toEqual(['node', expect.arrayContaining(['src/cli/main.ts', 'beam-boot'])])
})

/** A container in which the job's variables alone lead to the emulators: its own environment has none. */
async function startContainer(siblings: string[], variables: Record<string, string> = {}) {
  await using starting = new AsyncDisposableStack()
  const backend = starting.use(await startBackend({ tables: 'none' }))
  const runner = starting.use(
    new Runner((address) => ({
      pipelineOptions: options({ ...backend.environment, ...variables }),
      controlEndpoint: { url: address },
      loggingEndpoint: { url: address },
      siblingWorkerIds: siblings,
    })),
  )
  await runner.listen()
  const container = starting.use(spawnSluice(boot(runner), {}))
  const running = starting.move()
  return { runner, container, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

test('a container starts a worker process for each id that its runner names, and ends when they are let go', async () => {
  await using started = await startContainer(['sdk-0-1'])
  const { runner, container } = started
  await runner.until(({ workers }) => workers.length === 2)
  expect(runner.workers.toSorted()).toEqual(['sdk-0-0', 'sdk-0-1'])
  await runner.letGo()
  expect(await container.ended).toBe(0)
})

test('a worker that dies takes its container along, so that the runner starts it anew; the runner is told why', async () => {
  await using started = await startContainer(['sdk-0-1'], { SLUICE_PROJECT: 'Not A Project' })
  const { runner, container } = started
  await runner.until(({ logs }) =>
    logs.some(({ entry }) => entry.message.includes('SLUICE_PROJECT is not a project id')),
  )
  expect(runner.logs[0]!.worker).toMatch(/^sdk-0-[01]$/)
  expect(await container.ended).toBe(2)
  expect(await container.complaints).toMatch(/Worker sdk-0-[01] has died \(2\)/)
})

test('what a container cannot do it refuses by name', async () => {
  const refused = async (info: ConstructorParameters<typeof Runner>[0]) => {
    await using runner = new Runner(info)
    await runner.listen()
    return (await runSluice(boot(runner))).complaints
  }
  const artifact = { typeUrn: 'beam:artifact:type:file:v1', roleUrn: 'beam:artifact:role:staging_to:v1' }
  expect(await refused((url) => ({ controlEndpoint: { url }, dependencies: [artifact] }))).toContain(
    'The job stages 1 artifacts, which is unsupported',
  )
  expect(await refused(() => ({}))).toContain('The runner names no control endpoint.')
})

test('the command takes what the contract of Beam’s containers has runners say', async () => {
  await using runner = new Runner(() => ({ siblingWorkerIds: [] }))
  await runner.listen()
  const { address } = runner
  await using container = spawnSluice(
    [
      ...boot(runner),
      ...['logging', 'artifact', 'control'].map((name) => `--${name}_endpoint=${address}`),
      '--semi_persist_dir=/var/opt/google',
    ],
    {},
  )
  await runner.until(({ workers }) => workers.length === 1)
  expect(runner.workers).toEqual(['sdk-0-0'])
  container.kill('SIGTERM')
  expect(await container.ended).toBe(0)
})
