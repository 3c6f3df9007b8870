import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'sluice-clean-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A machine on which somebody else's tests, testcontainers-zz, run besides ours; notes what it was told to remove. */
const DOCKER = `#!/usr/bin/env bash
case "$1 $2" in
  "version --format") echo 1 ;;
  "ps --all") printf 'c1 sluice\\nc2 sluice-test\\nc3 testcontainers-aa\\n' ;;
  "network ls") printf 'n1 sluice\\nn2 sluice-test\\nn3 testcontainers-aa\\nn4 testcontainers-zz\\nn5 \\n' ;;
  "volume ls") printf 'v4 testcontainers-zz\\n' ;;
  *) echo "$*" >>"$REMOVED" ;;
esac
`

test('what the container tests left is removed, and nothing of anybody else', () => {
  writeFileSync(join(folder, 'docker'), DOCKER, { mode: 0o755 })
  const removed = join(folder, 'removed')
  const { status, stderr } = spawnSync(join(import.meta.dirname, '../../scripts/docker/clean.sh'), {
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: `${folder}:${process.env.PATH}`,
      REMOVED: removed,
      SLUICE_DOCKER_CACHE: join(folder, 'cache'),
    },
  })
  expect([status, stderr]).toEqual([0, ''])
  expect(readFileSync(removed, 'utf8')).toBe('rm --force --volumes c2 c3\nnetwork rm n2 n3\n')
})
