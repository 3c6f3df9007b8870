import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { examine } from '../../src/cli/doctor/run.ts'
import { provision } from '../../src/resources.ts'
import { type Backend, runSluice, startBackend } from '../harness.ts'

/** `NAME: DETAIL → WHAT MENDS IT` of all that is not well. */
async function complaints({ clients, settings }: Pick<Backend, 'clients' | 'settings'>): Promise<string[]> {
  const results = await examine({ clients, settings }, [], { write: () => {} })
  return results
    .filter(({ status }) => status === 'fault' || status === 'note')
    .map(({ name, detail, mend }) => `${name}: ${detail}${mend ? ` → ${mend}` : ''}`)
}

const tablesPushEndpoint = 'http://127.0.0.1:8787/'

test('on emulators with everything in place all is well, in 80 columns', async () => {
  await using backend = await startBackend()
  await provision(backend.clients, backend.settings, { tablesPushEndpoint })
  const { exitCode, output, complaints: stderr } = await runSluice(['doctor'], backend.environment)
  expect(output).not.toMatch(/^[✖!]/m)
  expect(output).toMatch(/answers after \d+ ms \(Sluice’s emulator\)/)
  expect(output).toContain('SLUICE_PROJECT                  sluice-local (default)')
  expect(output).toContain(`${backend.environment.PUBSUB_EMULATOR_HOST} (environment)`)
  expect(output.split('\n').filter((line) => line.length > 80)).toEqual([])
  expect(output.split('\n').at(-1)).toBe('✔ doctor: all is well; 1 not asked')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
})

test('what is missing is named with what makes it, and the exit code is that of a finding', async () => {
  await using backend = await startBackend({ tables: 'none' })
  const { topic, deadLetterTopic } = backend.settings.resources
  await backend.clients.pubsub.topic(deadLetterTopic).delete()
  const { exitCode, output } = await runSluice(['doctor', '--json'], backend.environment)
  const { well, findings } = JSON.parse(output)
  expect({ exitCode, well }).toEqual({ exitCode: 1, well: false })
  const of = (name: string) => findings.find((finding: { name: string }) => finding.name === name)
  expect(of(topic)).toMatchObject({ status: 'well' })
  expect(of(deadLetterTopic)).toMatchObject({
    group: 'Topics',
    status: 'fault',
    detail: 'is not there',
    mend: '`sluice provision` makes it.',
    milliseconds: expect.any(Number),
  })
  expect(of('orders')).toMatchObject({ status: 'fault', mend: '`sluice tables apply` makes it.' })
  expect(of('dev-backend-events-tables')).toMatchObject({ status: 'note' })
})

test('tables that drifted are named with what differs', async () => {
  await using backend = await startBackend()
  await provision(backend.clients, backend.settings, { tablesPushEndpoint })
  const dataset = backend.clients.bigquery.dataset(backend.settings.resources.dataset)
  await dataset.table('inventory').setMetadata({ description: 'ours' })
  const [{ timePartitioning, schema }] = await dataset.table('orders').getMetadata()
  await dataset.table('orders').delete()
  await dataset.table('orders').create({ schema, timePartitioning })
  expect(await complaints(backend)).toEqual([
    expect.stringMatching(/^inventory: differs, would be changed: describe the table .* → `sluice tables apply`/),
    expect.stringMatching(/^orders: differs, and cannot be changed: orders is clustered by nothing.*→ docs\//),
  ])
})

test('a subscription to another topic is named with both topics', async () => {
  await using backend = await startBackend()
  const { pubsub } = backend.clients
  const { pipelineSubscription: name } = backend.settings.resources
  await provision(backend.clients, backend.settings, { tablesPushEndpoint })
  await pubsub.subscription(name).delete()
  await pubsub.createTopic('elsewhere')
  await pubsub.topic('elsewhere').createSubscription(name)
  expect(await complaints(backend)).toEqual([
    `${name}: listens to elsewhere, not to dev-backend-events-topic → Delete it: \`sluice provision\` makes it anew.`,
  ])
})

test('a subscription whose settings would lose or hold up messages is named with each of them', async () => {
  await using backend = await startBackend()
  const { pubsub } = backend.clients
  const { pipelineSubscription, tablesSubscription, topic, deadLetterTopic } = backend.settings.resources
  await pubsub.subscription(pipelineSubscription).delete()
  await pubsub.topic(topic).createSubscription(pipelineSubscription, {
    ackDeadlineSeconds: 10,
    filter: 'attributes.event_type = "order"',
    deadLetterPolicy: { deadLetterTopic: pubsub.topic(deadLetterTopic).name, maxDeliveryAttempts: 5 },
  })
  await pubsub.topic(topic).createSubscription(tablesSubscription)
  const [pipeline, tables] = await complaints(backend)
  expect(pipeline).toContain(`an outage would send its messages to ${deadLetterTopic}`)
  expect(pipeline).toContain('its ack deadline is 10 s, not 60 s')
  expect(pipeline).toContain('it expires, with all that it holds, after 31 idle days')
  expect(pipeline).toContain('it retries at once, not after 1 to 60 s')
  expect(pipeline).toContain('it drops what its filter does not take: attributes.event_type = "order"')
  expect(tables).toContain('it pushes nowhere; it does not give up after 10 attempts')
})

test('a bucket without uniform access is named with the command that mends it', async () => {
  await using backend = await startBackend()
  await provision(backend.clients, backend.settings, { tablesPushEndpoint })
  const { bucket } = backend.settings.resources
  await backend.clients.storage.bucket(bucket).delete()
  await backend.clients.storage.createBucket(bucket)
  expect(await complaints(backend)).toEqual([
    `${bucket}: US, STANDARD, access object by object → gcloud storage buckets update gs://${bucket} --uniform-bucket-level-access`,
  ])
})

test('an emulator that does not answer is named once, and what needs it is not asked', async () => {
  await using backend = await startBackend()
  const environment = { ...backend.environment, PUBSUB_EMULATOR_HOST: '127.0.0.1:9' }
  const { exitCode, output } = await runSluice(['doctor'], environment)
  expect(output.match(/^✖.*/gm)).toEqual([
    expect.stringMatching(/^✖ Pub\/Sub +127\.0\.0\.1:9: nothing listens there \(ECONNREFUSED\)$/),
    '✖ doctor: 1 fault; 5 not asked',
  ])
  expect(output).toContain('→ `sluice emulators` starts one there')
  expect(output).toContain('- 2 checks  not asked: needs Pub/Sub')
  expect(output).toMatch(/✔ orders +is as its definition says/)
  expect(exitCode).toBe(1)
})

test('a setting that cannot be is a mistake in the call, not a finding', async () => {
  expect(await runSluice(['doctor'], { SLUICE_BACKEND: 'gcp' })).toMatchObject({
    exitCode: 2,
    output: '',
    complaints: 'sluice: SLUICE_PROJECT is missing: name the Google Cloud project.\n',
  })
})

/** A PATH with a `docker` whose Compose lists its containers by this command. */
function dockerThatLists(command: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const docker = `#!/bin/sh
    case "$*" in
      version*) echo 28.0.0 ;;
      *"compose version"*) echo 2.40.0 ;;
      compose*" ps "*) ${command} ;;
      *) exit 1 ;;
    esac`
  writeFileSync(join(folder, 'docker'), docker)
  chmodSync(join(folder, 'docker'), 0o755)
  return folder
}

/** What doctor says of a backend in Docker. */
async function doctorOnDocker(variables: Readonly<Record<string, string>>): Promise<string> {
  await using backend = await startBackend()
  const at = backend.environment.BIGQUERY_EMULATOR_HOST!
  const places = { ...backend.environment, SLUICE_BACKEND: 'docker', BIGQUERY_STORAGE_EMULATOR_HOST: at }
  return (await runSluice(['doctor'], { ...places, ...variables })).output
}

test.each([
  [
    'a stack that is up',
    ['pubsub\trunning\tUp 3 minutes (healthy)', 'provision\texited\tExited (0) 2 minutes ago'],
    /✔ compose stack +up: pubsub; ended well: provision/,
  ],
  ['no stack', [], /! compose stack +no container is there\n +→ `docker compose up -d` starts it\./],
  [
    'a stack of which a part fell over',
    ['pubsub\trunning\tUp 3 minutes (unhealthy)', 'bigquery\texited\tExited (137) 2 minutes ago'],
    /✖ compose stack +pubsub: Up 3 minutes \(unhealthy\); bigquery: Exited \(137\) 2\n/,
  ],
])('on docker, %s is told', async (_what, lines, expected) => {
  const PATH = dockerThatLists(`printf '${lines.map((line) => `${line}\n`).join('')}'`)
  expect(await doctorOnDocker({ PATH })).toMatch(expected)
})

test('on docker, the stack is looked for under the name that Compose goes by', async () => {
  const PATH = dockerThatLists(`printf 'pubsub-of-%s\trunning\tUp 3 minutes (healthy)\n' "$COMPOSE_PROJECT_NAME"`)
  const output = await doctorOnDocker({ PATH, COMPOSE_PROJECT_NAME: 'another' })
  expect(output).toMatch(/✔ compose stack +up: pubsub-of-another/)
})

test('on docker, a stack that cannot be looked at is no fault', async () => {
  expect(await doctorOnDocker({ PATH: '/nowhere' })).toMatch(
    /! compose stack +cannot be looked at: there is no `docker`/,
  )
  const PATH = dockerThatLists('echo "no configuration file provided" >&2; exit 14')
  expect(await doctorOnDocker({ PATH })).toMatch(/! compose stack +cannot be looked at:[^→]*no configuration file/)
})
