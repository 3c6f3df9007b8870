import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { startBackend } from '../harness.ts'

/** Where scripts/package/test.sh has installed the package. */
const project = process.env.SLUICE_PACKAGE_PROJECT
if (!project) throw new Error('These tests are run by `npm run test:package`, which installs the package.')
const installed = join(project, 'node_modules/sluice')
const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))

/** A user's shell knows nothing of this repository, nor of the Node that runs these tests. */
const environment = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD|VITEST|NODE_|TEST$)/.test(name)),
  ),
  PATH: process.env
    .PATH!.split(':')
    .filter((folder) => !folder.includes('/node_modules/'))
    .join(':'),
  NO_COLOR: '1',
}

type Variables = Readonly<Record<string, string>>

function start(command: string, args: readonly string[], variables: Variables = {}): ChildProcess {
  const env = { ...environment, ...variables }
  // A group of its own, so that what a failed test leaves running ends with all that it started.
  const child = spawn(command, args, { cwd: project, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL')
  })
  return child
}

async function run(command: string, args: readonly string[], variables?: Variables) {
  const child = start(command, args, variables)
  const [output, complaints, [code]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, 'close'),
  ])
  return { code, output, complaints }
}

const npxWith =
  (variables: Variables) =>
  (...args: string[]) =>
    run('npx', ['--no-install', ...args], variables)
const npx = npxWith({})

test("a user's test of the pipeline passes", async () => {
  const { code, output, complaints } = await npx('vitest', 'run')
  expect(code, output + complaints).toBe(0)
  expect(output).toContain('1 passed')
  expect(output + complaints).not.toContain('Warning')
})

test('it type-checks, strictly', async () => {
  expect(await npx('tsc')).toEqual({ code: 0, output: '', complaints: '' })
})

test("every declaration of an entry is sound, also where Google's own are not", async () => {
  const { output } = await npx('tsc', '--skipLibCheck', 'false')
  expect(output).toContain('node_modules/@google-cloud/pubsub/')
  expect(output.split('\n').filter((line) => /^node_modules\/sluice\/(?!node_modules)/.test(line))).toEqual([])
})

test('every entry can be imported', async () => {
  const entries = Object.keys(manifest.exports).filter((entry) => entry.startsWith('.') && !entry.endsWith('.json'))
  expect(entries).toContain('./testing')
  // Setup registers matchers with vitest, which the user's test does.
  for (const entry of entries.filter((one) => one !== './testing/setup')) {
    const name = join('sluice', entry)
    const program = `import(${JSON.stringify(name)}).then((all) => console.log(Object.keys(all).length > 0))`
    expect(await run('npm', ['exec', '--offline', '--call', `node -e '${program}'`]), name).toEqual({
      code: 0,
      output: 'true\n',
      complaints: '',
    })
  }
})

test('npx sluice e2e accounts for every event', async () => {
  const { code, output, complaints } = await npx('sluice', 'e2e', '--events', '200')
  expect(code, output + complaints).toBe(0)
  expect(output).toContain('✔ reconcile: missing 0, duplicated 0')
  expect(complaints).toBe('')
})

test('npx sluice tells of its commands and its version', async () => {
  const { output } = await npx('sluice', '--help')
  expect(output).toContain('e2e [options]')
  expect(await npx('sluice', '--version')).toEqual({ code: 0, output: `${manifest.version}\n`, complaints: '' })
})

test('dev runs everything, and says that it watches nothing', async () => {
  const ports = ['generator', 'table-manager', 'pipeline', 'pubsub', 'storage', 'bigquery']
  const node = join(project, 'node_modules/.bin/node')
  const child = start(existsSync(node) ? node : 'node', [
    join(installed, manifest.bin.sluice),
    'dev',
    ...ports.flatMap((name) => [`--${name}-port`, '0']),
  ])
  const ended = once(child, 'exit')
  const complaints = text(child.stderr!)
  const said: string[] = []
  for await (const line of createInterface({ input: child.stdout! })) {
    said.push(line)
    if (line.includes('Ctrl+C')) child.kill('SIGINT')
  }
  expect(await complaints, said.join('\n')).toBe('')
  expect(said.join('\n')).toMatch(/pipeline +http:/)
  expect(said).toContain('An installed package has no sources to watch; Ctrl+C ends everything.')
  expect(await ended).toEqual([0, null])
})

test('what takes the sources is refused, with what to do', async () => {
  for (const command of [['up', '--docker'], ['down']]) {
    const { code, complaints } = await npx('sluice', ...command)
    expect(code).toBe(2)
    expect(complaints).toMatch(/built from the sources of Sluice.*clone/)
  }
})

test('where Flink is missing, the script that fetches it is named, and is there', async () => {
  await using backend = await startBackend()
  const { code, complaints } = await npxWith(backend.environment)(
    'sluice',
    'pipeline',
    '--runner',
    'flink',
    '--jars',
    '/nowhere',
  )
  expect(code).toBe(2)
  const [script] = /\S+fetch-flink\.sh/.exec(complaints) ?? []
  expect(script).toBe('node_modules/sluice/scripts/fetch-flink.sh')
  const { output } = await run('sh', ['-c', `test -x ${script} && ls $(dirname ${script})/flink`])
  expect(output).toBe('jars.sha256\npom.xml\n')
})

test('the Beam SDK is the one that came along, and npm finds nothing amiss with it', async () => {
  const sdk = 'node_modules/sluice/node_modules/apache-beam'
  const lock = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8'))
  expect(Object.keys(lock.packages).filter((path) => path.endsWith('/apache-beam'))).toEqual([sdk])
  expect(lock.packages[sdk]).toMatchObject({ inBundle: true })
  expect(existsSync(join(project, sdk, 'LICENSE'))).toBe(true)
  const { output } = await run('npm', ['ls', 'apache-beam', '--all', '--json'])
  expect(JSON.parse(output).problems).toBeUndefined()
  // What the SDK would bring if it were installed by itself, and never loads.
  for (const name of ['ttypescript', 'ts-closure-transform', 'date-fns']) {
    expect(Object.keys(lock.packages).filter((path) => path.endsWith(`node_modules/${name}`))).toEqual([])
  }
})
