import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startStorage } from './index.ts'

const run = promisify(execFile)
const isInstalled = await run('gcloud', ['--version']).then(
  () => true,
  () => false,
)

test('gcloud storage copies files up and down, lists and removes them', { timeout: 60_000 }, async (context) => {
  context.skip(!isInstalled, 'gcloud is not installed')
  await using emulator = await startStorage()
  const folder = mkdtempSync(join(tmpdir(), 'gcloud-'))
  context.onTestFinished(() => rmSync(folder, { recursive: true }))
  const env = {
    ...process.env,
    CLOUDSDK_CONFIG: join(folder, 'config'),
    CLOUDSDK_CORE_PROJECT: 'p',
    CLOUDSDK_AUTH_DISABLE_CREDENTIALS: 'true',
    CLOUDSDK_CORE_CHECK_GCE_METADATA: 'false',
    CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `http://127.0.0.1:${emulator.port}/storage/v1/`,
  }
  const gcloud = async (...args: string[]) =>
    (await run('gcloud', ['storage', ...args], { env, cwd: folder, timeout: 20_000 })).stdout

  const large = Buffer.alloc(9_000_000, 'sluice')
  writeFileSync(join(folder, 'small.txt'), 'hello')
  writeFileSync(join(folder, 'large.bin'), large)
  await gcloud('buckets', 'create', 'gs://a-bucket')
  await gcloud('cp', 'small.txt', 'large.bin', 'gs://a-bucket/dir/')
  expect(await gcloud('ls', 'gs://a-bucket/**')).toBe('gs://a-bucket/dir/large.bin\ngs://a-bucket/dir/small.txt\n')
  expect(await gcloud('cat', 'gs://a-bucket/dir/small.txt')).toBe('hello')
  await gcloud('cp', 'gs://a-bucket/dir/large.bin', 'back.bin')
  expect(readFileSync(join(folder, 'back.bin')).equals(large)).toBe(true)
  await gcloud('rm', '--recursive', 'gs://a-bucket')
  expect((await fetch(`http://127.0.0.1:${emulator.port}/b/a-bucket`)).status).toBe(404)
})
