import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { crc32, inflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startBackend } from '../harness.ts'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'sluice-function-'))
const archive = join(folder, 'source.zip')
const unpacked = join(folder, 'unpacked')

const make = (target: string) =>
  execFileSync(process.execPath, ['scripts/function-source.ts', target], { cwd: root, stdio: 'pipe' })

beforeAll(() => {
  make(archive)
  for (const [path, content] of unzip(readFileSync(archive))) {
    mkdirSync(dirname(join(unpacked, path)), { recursive: true })
    writeFileSync(join(unpacked, path), content)
  }
})
afterAll(() => rm(folder, { recursive: true }))

test('the archive holds what the function loads, and nothing of generator, pipeline or emulators', () => {
  const paths = [...unzip(readFileSync(archive)).keys()]
  expect(paths).toEqual(expect.arrayContaining(['package.json', 'package-lock.json', 'src/tables/cloud.ts']))
  expect(paths).toContain('src/catalogue/events/order.ts')
  expect(paths.filter((path) => /^(pipeline|emulators)|^src\/(generator|cli)\/|\.test\.ts/.test(path))).toEqual([])
})

test('the same sources give the same bytes', () => {
  const again = join(folder, 'again.zip')
  make(again)
  expect(readFileSync(again).equals(readFileSync(archive))).toBe(true)
})

test('its lock fits its package.json, and brings neither DuckDB nor Beam', () => {
  const { status, stdout, stderr } = spawnSync('npm', ['ls', '--package-lock-only', '--all', '--json'], {
    cwd: unpacked,
    encoding: 'utf8',
  })
  expect([status, stderr.split('\n').filter((line) => line.startsWith('npm error'))]).toEqual([0, []])
  const { dependencies } = JSON.parse(stdout)
  expect(Object.keys(dependencies)).toContain('@google-cloud/functions-framework')
  const { packages } = JSON.parse(readFileSync(join(unpacked, 'package-lock.json'), 'utf8'))
  expect(Object.keys(packages).filter((path) => /duckdb|apache-beam|node-linux|vitest/.test(path))).toEqual([])
})

test('unpacked elsewhere, it runs as the buildpack starts it, and makes the table of a pushed event', async () => {
  await using backend = await startBackend({ tables: 'none' })
  symlinkSync(join(root, 'node_modules'), join(unpacked, 'node_modules'))
  const port = await freePort() // the framework cannot say which one it took
  // `--check` is the buildpack's own first step; then it runs this command, with these variables and NODE_ENV=production,
  // which would keep the framework from saying that it listens.
  const entry = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8')).main
  execFileSync(process.execPath, ['--check', entry], { cwd: unpacked })
  const child = spawn('/bin/bash', ['-c', 'exec node_modules/.bin/functions-framework'], {
    cwd: unpacked,
    env: {
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      FUNCTION_TARGET: 'manageTable',
      FUNCTION_SIGNATURE_TYPE: 'http',
      PORT: String(port),
      ...backend.environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await once(child.stdout, 'data') // it listens before it says so
    const data = Buffer.from('{"event_type":"order"}').toString('base64')
    const answer = await fetch(`http://127.0.0.1:${port}/projects/p/topics/t`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ subscription: 's', message: { messageId: '1', data } }),
    })
    expect(answer.status).toBe(204)
    const { bigquery } = backend.clients
    expect(await bigquery.dataset(backend.settings.resources.dataset).table('orders').exists()).toEqual([true])
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})

test('unzip takes the archive', (context) => {
  context.skip(!existsSync('/usr/bin/unzip'), 'unzip is not installed')
  expect(spawnSync('unzip', ['-t', archive], { encoding: 'utf8' }).stdout).toContain('No errors detected')
})

/** The files of a ZIP archive by its central directory, each held against its checksum. */
function unzip(bytes: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06'))
  let at = bytes.readUInt32LE(end + 16)
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    const [length, local] = [bytes.readUInt16LE(at + 28), bytes.readUInt32LE(at + 42)]
    const path = String(bytes.subarray(at + 46, at + 46 + length))
    const content = inflateRawSync(
      bytes.subarray(local + 30 + length, local + 30 + length + bytes.readUInt32LE(at + 20)),
    )
    expect([path, crc32(content)]).toEqual([path, bytes.readUInt32LE(at + 16)])
    files.set(path, content)
    at += 46 + length
  }
  return files
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return port
}
