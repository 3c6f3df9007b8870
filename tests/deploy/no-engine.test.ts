import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const SCRIPTS = join(import.meta.dirname, '../../scripts/docker')

/** What the container tests say where no engine runs, and none can be brought. */
function testDocker(environment: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-no-engine-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const scripts = join(folder, 'scripts/docker')
  mkdirSync(scripts, { recursive: true })
  for (const name of ['test.sh', 'common.sh']) copyFileSync(join(SCRIPTS, name), join(scripts, name))
  writeFileSync(join(scripts, 'engine.sh'), '#!/bin/sh\necho "no engine can be had"\nexit 1\n', { mode: 0o755 })
  writeFileSync(join(folder, 'docker'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  const PATH = `${folder}:${process.env.PATH}`
  const { status, stderr } = spawnSync('bash', [join(scripts, 'test.sh')], {
    encoding: 'utf8',
    env: { PATH, SLUICE_DOCKER_CACHE: join(folder, 'cache'), ...environment },
  })
  return { status, stderr }
}

test('without an engine the container tests are skipped, and say so', () => {
  expect(testDocker({})).toEqual({ status: 0, stderr: 'skipped: no engine can be had\n' })
})

test('without an engine the container tests fail where one is required', () => {
  expect(testDocker({ SLUICE_REQUIRE_DOCKER: '1' })).toEqual({
    status: 1,
    stderr: 'FAILED, since SLUICE_REQUIRE_DOCKER=1 lets nothing be skipped: no engine can be had\n',
  })
})
