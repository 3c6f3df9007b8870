/** What the containers rely on, as far as it can be told without any. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runSluice, startBackend } from '../harness.ts'

/** A PATH with this `docker` and nothing else. */
function pathWith(docker?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  if (docker) {
    writeFileSync(join(folder, 'docker'), `#!/bin/sh\n${docker}\n`)
    chmodSync(join(folder, 'docker'), 0o755)
  }
  return folder
}

const up = (docker?: string) => runSluice(['up', '--docker', '--json'], { PATH: pathWith(docker) })

test('the pipeline answers for its health until it is told to end', async () => {
  await using backend = await startBackend()
  const main = join(import.meta.dirname, '../../src/cli/main.ts')
  const pipeline = fork(main, ['pipeline', '--port', '0'], { env: { ...backend.environment }, silent: true })
  onTestFinished(() => void pipeline.kill('SIGKILL'))
  const [{ url }] = await once(pipeline, 'message')
  const answer = await fetch(`${url}/health`)
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok', source: 'open' }])
  pipeline.kill('SIGTERM')
  expect(await once(pipeline, 'exit')).toEqual([0, null])
})

test('provision lets the topic push to the table manager, at the path that names the topic', async () => {
  await using backend = await startBackend()
  const made = await runSluice(
    ['provision', '--wait', '10', '--tables-push-endpoint', 'http://table-manager:8787'],
    backend.environment,
  )
  expect(made.output).toContain('Pub/Sub answers')
  expect(made.output).toContain('subscription dev-backend-events-tables')
  const { pubsub } = backend.clients
  const [{ pushConfig }] = await pubsub.subscription(backend.settings.resources.tablesSubscription).getMetadata()
  expect(pushConfig?.pushEndpoint).toBe(
    'http://table-manager:8787/projects/sluice-local/topics/dev-backend-events-topic',
  )
})

test('up asks where', async () => {
  const { exitCode, complaints } = await runSluice(['up'])
  expect(complaints).toContain('`sluice up --docker`')
  expect(exitCode).toBe(2)
})

test.each([
  ['there is no Docker', undefined, 'https://docs.docker.com/get-started/get-docker/'],
  ['no engine runs', 'exit 1', 'no Docker engine answers: start Docker Desktop'],
  ['Compose is missing', '[ "$1" = version ] && echo 28.0.0', 'https://docs.docker.com/compose/install/'],
  ['Compose is version 1', '[ "$1" = version ] && echo 28.0.0 || echo 1.29.2', '`docker compose`, version 2'],
])('up says what to do when %s', async (_what, docker, remedy) => {
  const { exitCode, complaints } = await up(docker)
  expect(complaints).toContain(remedy)
  expect(complaints).not.toMatch(/^\s+at /m)
  expect(exitCode).toBe(2)
})

test('up tells what Docker complained about, and what the containers said', async () => {
  const { exitCode, complaints } = await up(`case "$*" in
    version*) echo 28.0.0 ;;
    *"compose version"*) echo 2.40.0 ;;
    *" up "*) echo 'Error: port is already allocated' >&2; exit 1 ;;
    *" ps --services "*) ;;
    *" ps "*) echo 'pubsub  Exited (1)' ;;
    *" logs "*) echo 'pubsub-1 | no such flag' ;;
  esac`)
  for (const part of ['port is already allocated', 'pubsub  Exited (1)', 'no such flag', '`sluice down`']) {
    expect(complaints).toContain(part)
  }
  expect(exitCode).toBe(2)
})

test('up does not mix both kinds of emulators', async () => {
  const { exitCode, complaints } = await up(`case "$*" in
    version*) echo 28.0.0 ;;
    *"compose version"*) echo 2.40.0 ;;
    *" ps --services "*) printf 'generator\\nemulators\\n' ;;
    *) exit 1 ;;
  esac`)
  expect(complaints).toContain('emulators of the other kind is running: `sluice down` ends it.')
  expect(exitCode).toBe(2)
})
