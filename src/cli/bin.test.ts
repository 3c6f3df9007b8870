import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const bin = join(import.meta.dirname, 'bin.ts')
const started = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { status, stdout, stderr }
}

test('a Node that is too old is told in one sentence, before it reads what it cannot', () => {
  const older =
    "Object.defineProperties(process, { version: { value: 'v20.1.0' }, versions: { value: { node: '20.1.0' } } })"
  const { status, stdout, stderr } = started(
    '--import',
    `data:text/javascript,${encodeURIComponent(older)}`,
    bin,
    'e2e',
  )
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toMatch(/^sluice: Node 24 or later is needed, and this is v20\.1\.0\. .*npx sluice.*\n$/)
})

test('the command of the package says its version', async () => {
  const { default: manifest } = await import('../../package.json', { with: { type: 'json' } })
  expect(started(bin, '--version')).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: '' })
})
