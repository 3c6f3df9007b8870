import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('a suite with the kit’s setup fails where something tried to leave this machine, though the code coped', () => {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'tests/offline/vitest.config.ts']
  const env = { ...process.env, NO_COLOR: '1' }
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
  expect(stderr).toContain('FAIL  tests/offline/leaving.ts > a producer > tells somebody')
  expect(stderr).toContain(
    'OfflineError: Something tried to leave this machine: 192.0.2.1, from tests/offline/leaving.ts:4:32, in the test "a producer > tells somebody".',
  )
  expect(stdout).toMatch(/Tests +1 failed \| 1 passed \(2\)/)
  expect(status).toBe(1)
})
