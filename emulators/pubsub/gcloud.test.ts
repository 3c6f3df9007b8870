import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startPubSub } from './index.ts'

const run = promisify(execFile)
const isInstalled = await run('gcloud', ['--version']).then(
  () => true,
  () => false,
)

test('gcloud pubsub makes, uses, changes and deletes topics and subscriptions', {
  timeout: 90_000,
}, async (context) => {
  context.skip(!isInstalled, 'gcloud is not installed')
  await using emulator = await startPubSub()
  const config = mkdtempSync(join(tmpdir(), 'gcloud-'))
  context.onTestFinished(() => rmSync(config, { recursive: true }))
  const env = {
    ...process.env,
    CLOUDSDK_CONFIG: config,
    CLOUDSDK_CORE_PROJECT: 'p',
    CLOUDSDK_AUTH_DISABLE_CREDENTIALS: 'true',
    CLOUDSDK_CORE_CHECK_GCE_METADATA: 'false',
    CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
    CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB: `http://127.0.0.1:${emulator.port}/`,
  }
  const gcloud = async (command: string): Promise<unknown> => {
    const args = ['pubsub', ...command.split(' '), '--format=json']
    const { stdout } = await run('gcloud', args, { env, timeout: 20_000 })
    return stdout.trim() === '' ? undefined : JSON.parse(stdout)
  }

  await gcloud('topics create events --labels=team=shop')
  await gcloud('subscriptions create worker --topic=events --ack-deadline=20 --min-retry-delay=1s --max-retry-delay=2s')
  await gcloud('topics publish events --message=hello --attribute=kind=order,colour=red')
  expect(await gcloud('subscriptions pull worker --auto-ack')).toMatchObject([
    { ackStatus: 'SUCCESS', message: { data: 'aGVsbG8=', attributes: { kind: 'order', colour: 'red' } } },
  ])
  expect(await gcloud('subscriptions describe worker')).toMatchObject({
    name: 'projects/p/subscriptions/worker',
    ackDeadlineSeconds: 20,
    retryPolicy: { minimumBackoff: '1s', maximumBackoff: '2s' },
  })
  await gcloud('topics update events --update-labels=team=stock')
  expect(await gcloud('topics list')).toMatchObject([{ name: 'projects/p/topics/events', labels: { team: 'stock' } }])
  await gcloud('subscriptions delete worker')
  await gcloud('topics delete events')
  await expect(gcloud('topics describe events')).rejects.toThrow('NOT_FOUND: Resource not found (resource=events).')
})
