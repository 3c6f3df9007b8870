import { expect, test } from 'vitest'
import { order } from '../../pipeline/tests/sample-message.ts'
import { eitherOf, failing, startStack } from './index.ts'

const BEFORE = 'google.pubsub.v1.Publisher.'

test('the first calls that match fail, by the name of an RPC, its last part, or a pattern', () => {
  const failures = (call: Parameters<typeof failing>[0], name: string) => {
    const plan = failing(call, { times: 2, code: 'ABORTED', when: 'after' })
    return [1, 2, 3].map(() => plan(name, ''))
  }
  const twice = [{ code: 'ABORTED', when: 'after' }, { code: 'ABORTED', when: 'after' }, undefined]
  const never = [undefined, undefined, undefined]
  expect(failures('Publish', `${BEFORE}Publish`)).toEqual(twice)
  expect(failures(`${BEFORE}Publish`, `${BEFORE}Publish`)).toEqual(twice)
  expect(failures(/^POST .*\/o$/, 'POST /upload/storage/v1/b/bucket/o')).toEqual(twice)
  expect(failures('Publish', `${BEFORE}CreateTopic`)).toEqual(never)
  expect(failures('GET /b', 'GET /b/bucket')).toEqual(never)
})

test('a producer sees the topic unavailable as often as the test says, and the pipeline its tables', async () => {
  const faults = eitherOf(failing('Publish', { times: 2 }), failing('AppendRows', { code: 'RESOURCE_EXHAUSTED' }))
  await using stack = await startStack({ faults })
  const impatient = { gaxOpts: { retry: { retryCodes: [] } as never } }
  const topic = stack.clients.pubsub.topic(stack.settings.resources.topic, impatient)
  const publish = () => topic.publishMessage({ json: order })
  await expect(publish()).rejects.toMatchObject({ code: 14 })
  await expect(publish()).rejects.toMatchObject({ code: 14 })
  await publish()
  await stack.settled()
  await expect(stack).toReconcile()
  await expect(stack).toHaveRow('orders', { order_id: 'order-1' })
})
