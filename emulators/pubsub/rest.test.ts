import { createRequire } from 'node:module'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { PROJECT, start, startWithWorker, subscriptionName, topicName } from './testing.ts'
import { Rest } from './testing-rest.ts'

const TOPIC = topicName('events')
const WORKER = subscriptionName('worker')

async function startRest(options: object = {}) {
  const started = await startWithWorker(options)
  return { ...started, rest: new Rest(started) }
}

const aMessage = (text: string) => ({ data: Buffer.from(text).toString('base64') })

test('a topic is created, shown, listed, changed and deleted', async () => {
  await using started = await start()
  const rest = new Rest(started)
  const topic = { name: TOPIC, labels: { team: 'shop' }, state: 'ACTIVE' }
  expect(await rest.ok('PUT', 'topics/events', { labels: { team: 'shop' } })).toEqual(topic)
  expect(await rest.ok('GET', 'topics/events')).toEqual(topic)
  expect(await rest.ok('GET', 'topics')).toEqual({ topics: [topic] })
  const update = { topic: { labels: { team: 'stock' } }, updateMask: 'labels' }
  const updated = { ...topic, labels: { team: 'stock' } }
  expect(await rest.ok('PATCH', 'topics/events', update)).toEqual(updated)
  expect(await rest.ok('DELETE', 'topics/events')).toEqual({})
  expect(await rest.ok('GET', 'topics')).toEqual({})
})

test('a subscription is created with every setting, and shown as it was given', async () => {
  await using started = await start()
  const rest = new Rest(started)
  await rest.ok('PUT', 'topics/events')
  await rest.ok('PUT', 'topics/dead')
  const settings = {
    topic: TOPIC,
    pushConfig: {
      pushEndpoint: 'http://127.0.0.1:9/',
      attributes: { 'x-goog-version': 'v1' },
      oidcToken: { serviceAccountEmail: 'a@b.c', audience: 'aud' },
    },
    ackDeadlineSeconds: 20,
    messageRetentionDuration: '1200s',
    labels: { team: 'shop' },
    enableMessageOrdering: true,
    expirationPolicy: { ttl: '86400s' },
    filter: 'attributes:kind',
    deadLetterPolicy: { deadLetterTopic: topicName('dead'), maxDeliveryAttempts: 7 },
    retryPolicy: { minimumBackoff: '1.500s', maximumBackoff: '60s' },
  }
  const subscription = { name: WORKER, ...settings, state: 'ACTIVE' }
  expect(await rest.ok('PUT', 'subscriptions/worker', settings)).toEqual(subscription)
  expect(await rest.ok('GET', 'subscriptions')).toEqual({ subscriptions: [subscription] })
})

test('a subscription that was told nothing shows the defaults, and not what is off', async () => {
  await using started = await startRest()
  expect(await started.rest.ok('GET', 'subscriptions/worker')).toEqual({
    name: WORKER,
    topic: TOPIC,
    pushConfig: {},
    ackDeadlineSeconds: 10,
    messageRetentionDuration: '604800s',
    expirationPolicy: { ttl: '2678400s' },
    state: 'ACTIVE',
  })
})

test('a subscription is changed in the way of Terraform, with the mask in the query', async () => {
  await using started = await startRest()
  const { rest } = started
  const path = 'subscriptions/worker?alt=json&updateMask=labels%2CackDeadlineSeconds%2CexpirationPolicy'
  const subscription = { labels: { team: 'stock' }, ackDeadlineSeconds: 30, expirationPolicy: {}, filter: 'ignored' }
  const updated = await rest.ok('PATCH', path, { subscription })
  expect(updated).toMatchObject({ labels: { team: 'stock' }, ackDeadlineSeconds: 30, expirationPolicy: {} })
  expect(updated).not.toHaveProperty('filter')
})

test('a subscription is listed by its topic, detached, and deleted', async () => {
  await using started = await startRest()
  const { rest } = started
  expect(await rest.ok('GET', 'topics/events/subscriptions')).toEqual({ subscriptions: [WORKER] })
  expect(await rest.ok('POST', 'subscriptions/worker:detach')).toEqual({})
  expect(await rest.ok('GET', 'subscriptions/worker')).toMatchObject({ detached: true })
  expect(await rest.ok('DELETE', 'subscriptions/worker')).toEqual({})
  expect((await rest.call('GET', 'subscriptions/worker')).status).toBe(404)
})

test('lists come page by page', async () => {
  await using started = await start()
  const rest = new Rest(started)
  for (const id of ['aaa', 'bbb', 'ccc']) await rest.ok('PUT', `topics/${id}`, {})
  const first = await rest.ok('GET', 'topics?pageSize=2')
  expect(first.topics).toMatchObject([{ name: topicName('aaa') }, { name: topicName('bbb') }])
  const second = await rest.ok('GET', `topics?pageSize=2&pageToken=${first.nextPageToken}`)
  expect(second).toEqual({ topics: [{ name: topicName('ccc'), state: 'ACTIVE' }] })
})

test('a message is published and pulled as it is documented', async () => {
  await using started = await startRest()
  const { rest, clock } = started
  clock.advance(1_234)
  const messages = [{ ...aMessage('hi'), attributes: { kind: 'order' }, orderingKey: 'k' }, { attributes: { a: 'b' } }]
  const { messageIds } = (await rest.ok('POST', 'topics/events:publish', { messages })) as { messageIds: string[] }
  const pulled = await rest.ok('POST', 'subscriptions/worker:pull', { maxMessages: 10, returnImmediately: true })
  const publishTime = '2024-01-15T00:00:01.234Z'
  expect(pulled).toEqual({
    receivedMessages: [
      { ackId: expect.any(String), message: { ...messages[0], messageId: messageIds[0], publishTime } },
      { ackId: expect.any(String), message: { ...messages[1], messageId: messageIds[1], publishTime } },
    ],
  })
})

test('acknowledged messages stay away, and those given back return', async () => {
  await using started = await startRest()
  const { rest, worker, clock } = started
  await worker.publish('a', 'b', 'c')
  const [a, b, c] = (await worker.pull()).map(({ ackId }) => ackId)
  expect(await rest.ok('POST', 'subscriptions/worker:acknowledge', { ackIds: [a] })).toEqual({})
  const modify = (ackId: string, ackDeadlineSeconds: number) =>
    rest.ok('POST', 'subscriptions/worker:modifyAckDeadline', { ackIds: [ackId], ackDeadlineSeconds })
  expect(await modify(b!, 0)).toEqual({})
  await modify(c!, 60)
  expect(await worker.texts()).toEqual(['b'])
  clock.advance(59_999)
  expect(await worker.texts()).toEqual(['b'])
  clock.advance(1)
  expect(await worker.texts()).toEqual(['c'])
})

test('what REST publishes gRPC receives, and the other way round', async () => {
  await using started = await startRest()
  const { rest, worker } = started
  await rest.ok('POST', 'topics/events:publish', { messages: [aMessage('by REST')] })
  expect(await worker.texts()).toEqual(['by REST'])
  await worker.publish('by gRPC')
  const pull = { maxMessages: 1, returnImmediately: true }
  expect(await rest.ok('POST', 'subscriptions/worker:pull', pull)).toMatchObject({
    receivedMessages: [{ message: aMessage('by gRPC') }],
  })
})

test('a pull waits for the first message, and nothing is leased to a caller that went away', async () => {
  await using started = await startRest()
  const { rest, worker } = started
  const gone = new AbortController()
  const left = rest.send(`/v1/${WORKER}:pull`, {
    method: 'POST',
    body: '{"maxMessages": 1}',
    headers: { 'content-type': 'application/json' },
    signal: gone.signal,
  })
  await worker.settle()
  gone.abort()
  await expect(left).rejects.toThrow('abort')
  await worker.settle()
  const waiting = rest.ok('POST', 'subscriptions/worker:pull', { maxMessages: 10 })
  await worker.publish('a')
  expect(await waiting).toMatchObject({ receivedMessages: [{ message: aMessage('a') }] })
})

test('a pull that finds nothing answers an empty object, a little before its caller gives up', async () => {
  await using started = await startRest()
  const { rest, worker, clock } = started
  const waiting = rest.send(`/v1/${WORKER}:pull`, {
    method: 'POST',
    body: '{"maxMessages": 1}',
    headers: { 'content-type': 'application/json', 'x-server-timeout': '10' },
  })
  await worker.settle()
  clock.advance(9_000)
  expect(await waiting).toEqual({ status: 200, body: {} })
})

test('a push endpoint is set and taken away', async () => {
  await using started = await startRest()
  const { rest } = started
  const pushConfig = { pushEndpoint: 'http://127.0.0.1:9/' }
  expect(await rest.ok('POST', 'subscriptions/worker:modifyPushConfig', { pushConfig })).toEqual({})
  expect(await rest.ok('GET', 'subscriptions/worker')).toMatchObject({ pushConfig })
  await rest.ok('POST', 'subscriptions/worker:modifyPushConfig', { pushConfig: {} })
  expect((await rest.ok('GET', 'subscriptions/worker')).pushConfig).toEqual({})
})

test.for([
  ['GET', 'topics/absent', undefined, 404, 'NOT_FOUND', 'Resource not found (resource=absent).'],
  ['PUT', 'topics/events', {}, 409, 'ALREADY_EXISTS', 'Resource already exists in the project (resource=events).'],
  ['PUT', 'topics/1st', {}, 400, 'INVALID_ARGUMENT', expect.stringContaining('Invalid resource name given')],
  ['GET', 'topics/a%2Fb', undefined, 400, 'INVALID_ARGUMENT', expect.stringContaining('topics/a/b)')],
  ['PUT', 'topics/keyed', { kmsKeyName: 'k' }, 501, 'UNIMPLEMENTED', expect.stringContaining('Topic.kms_key_name')],
  [
    'POST',
    'subscriptions/worker:pull',
    { maxMessages: 1 },
    400,
    'FAILED_PRECONDITION',
    'This method is not supported for this subscription type.',
  ],
] as [string, string, unknown, number, string, unknown][])(
  '%s %s with %j is answered %i %s',
  async ([method, path, json, code, status, message]) => {
    await using started = await startRest({ pushConfig: { pushEndpoint: 'http://127.0.0.1:9/' } })
    expect(await started.rest.call(method, path, json)).toEqual({
      status: code,
      body: { error: { code, status, message } },
    })
  },
)

test('all that cannot be read in a request is told at once', async () => {
  await using started = await startRest()
  const request = { messages: [{ ...aMessage('a'), colour: 'red' }, { data: 'a' }], topik: 'events' }
  const unknown = `Invalid JSON payload received. Unknown name "colour" at 'messages[0]': Cannot find field.`
  const badData = `Invalid value at 'messages[1].data' (TYPE_BYTES), Base64 decoding failed for "a"`
  const unknownToo = 'Invalid JSON payload received. Unknown name "topik": Cannot find field.'
  expect(await started.rest.call('POST', 'topics/events:publish', request)).toEqual({
    status: 400,
    body: {
      error: {
        code: 400,
        message: [unknown, badData, unknownToo].join('\n'),
        status: 'INVALID_ARGUMENT',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.BadRequest',
            fieldViolations: [
              { field: 'messages[0]', description: unknown },
              { field: 'messages[1].data', description: badData },
              { description: unknownToo },
            ],
          },
        ],
      },
    },
  })
  expect(await started.worker.texts()).toEqual([])
})

test('an ack that came too late for exactly-once delivery is named in the details', async () => {
  await using started = await startRest({ enableExactlyOnceDelivery: true })
  const { rest, worker, clock } = started
  await worker.publish('a')
  const [late] = await worker.pull()
  clock.advance(10_000)
  const { status, body } = await rest.call('POST', 'subscriptions/worker:acknowledge', { ackIds: [late!.ackId] })
  expect(status).toBe(400)
  expect(body).toMatchObject({
    error: {
      status: 'INVALID_ARGUMENT',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'EXACTLY_ONCE_ACKID_FAILURE',
          domain: 'pubsub.googleapis.com',
          metadata: { [late!.ackId]: 'PERMANENT_FAILURE_INVALID_ACK_ID' },
        },
      ],
    },
  })
})

test.for([
  ['GET', 'topics?colour=red', undefined, 'Cannot bind query parameter. Field'],
  ['GET', 'topics?pageSize=many', undefined, "Invalid value at 'page_size' (TYPE_INT32)"],
  ['GET', 'topics?pageSize=1&pageSize=2', undefined, 'cannot start list'],
  ['PATCH', 'topics/events?topic=x', {}, 'Cannot bind query parameter'],
  ['PATCH', 'topics/events?topic.labels=x', {}, 'Cannot bind query parameter'],
  ['PATCH', 'topics/events?topic.name.x=x', {}, 'Cannot bind query parameter'],
  ['PATCH', 'topics/events?updateMask=labels', { updateMask: 'labels' }, 'in the body and in the query'],
  ['PATCH', 'topics/events', { topic: {} }, 'The update_mask in the UpdateTopicRequest must be set'],
  ['DELETE', 'topics/events', { topic: TOPIC }, 'DELETE takes no body'],
  ['GET', 'topics?prettyPrint=maybe', undefined, 'prettyPrint'],
  ['GET', 'topics?$.xgafv=3', undefined, 'xgafv'],
] as [string, string, unknown, string][])('%s %s with %j is refused', async ([method, path, json, message]) => {
  await using started = await startRest()
  const { status, body } = await started.rest.call(method, path, json)
  expect({ status, body }).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringContaining(message) } },
  })
})

test.for([
  ['GET', 'topics?fields=topics(name)', 'fields'],
  ['GET', 'topics?callback=f', 'callback'],
  ['GET', 'topics?alt=proto', 'alt=proto'],
  ['POST', 'subscriptions/worker:streamingPull', 'POST /v1/projects/test-project/subscriptions/worker:streamingPull'],
  ['GET', 'topics/events:getIamPolicy', 'GET /v1/projects/test-project/topics/events:getIamPolicy'],
  ['GET', 'schemas', 'google.pubsub.v1.SchemaService.ListSchemas'],
  ['POST', 'schemas:validateMessage', 'google.pubsub.v1.SchemaService.ValidateMessage'],
])('%s %s is answered 501, by its name', async ([method, path, name]) => {
  await using started = await startRest()
  const { status, body } = await started.rest.call(method!, path!)
  expect({ status, body }).toMatchObject({
    status: 501,
    body: { error: { status: 'UNIMPLEMENTED', message: expect.stringContaining(`unsupported: `) } },
  })
  expect(body).toMatchObject({ error: { message: expect.stringContaining(name!) } })
})

interface Described {
  methods?: Record<string, { options?: Record<string, string>; responseStream?: boolean }>
}
const { nested } = createRequire(import.meta.url)('@google-cloud/pubsub/build/protos/protos.json').nested.google.nested
  .pubsub.nested.v1 as { nested: Record<string, Described> }
const described = Object.entries(nested).flatMap(([service, { methods = {} }]) =>
  Object.entries(methods).map(([method, { options }]) => ({ name: `google.pubsub.v1.${service}.${method}`, options })),
)

test('every method that Google maps to HTTP is answered by this emulator, or refused by its own name', async () => {
  await using started = await startRest()
  const mapped = described.filter(({ options }) => options)
  expect(mapped.length).toBe(34)
  for (const { name, options = {} } of mapped) {
    const [verb, template] = Object.entries(options).flatMap(([option, path]) => {
      const found = /^\(google\.api\.http\)\.(get|put|post|patch|delete)$/.exec(option)
      return found ? [found[1]!.toUpperCase(), path] : []
    })
    const path = template!.replace(/\{[\w.]+=([^}]+)\}/, '$1').replaceAll('*', 'something')
    const { status, body } = await started.rest.send(path, { method: verb! })
    expect([200, 400, 404, 501], `${name}: ${verb} ${path}`).toContain(status)
    if (status === 501) expect(body).toMatchObject({ error: { message: expect.stringContaining(name) } })
  }
})

test('an answer has the form that its caller asks for', async () => {
  await using started = await startRest()
  const { rest, server } = started
  const int = await rest.ok('GET', 'topics/events?$alt=json%3Benum-encoding=int')
  expect(int).toEqual({ name: TOPIC, state: 1 })
  const text = async (query: string) =>
    (await fetch(`http://${server.host}:${server.port}/v1/${TOPIC}?key=k&quotaUser=u${query}`)).text()
  const topic = { name: TOPIC, state: 'ACTIVE' }
  expect(await text('')).toBe(`${JSON.stringify(topic, null, 2)}\n`)
  expect(await text('&prettyPrint=false')).toBe(`${JSON.stringify(topic)}\n`)
})

test('the older form of errors has what the older clients read', async () => {
  await using started = await startRest()
  const { body } = await started.rest.call('GET', 'topics/absent?$.xgafv=1')
  expect(body).toMatchObject({ error: { code: 404, errors: [{ reason: 'notFound', domain: 'global' }] } })
})

test('a body may be compressed, as Java’s clients do', async () => {
  await using started = await startRest()
  const { rest, worker } = started
  const headers = { 'content-type': 'application/json; charset=UTF-8', 'content-encoding': 'gzip' }
  const body = gzipSync(JSON.stringify({ messages: [aMessage('small')] }))
  const publish = (init: object) => rest.send(`/v1/${TOPIC}:publish`, { method: 'POST', headers, ...init })
  expect((await publish({ body })).status).toBe(200)
  expect(await worker.texts()).toEqual(['small'])
  expect(await publish({ body: 'not gzip' })).toMatchObject({ status: 400 })
  expect(await publish({ body, headers: { ...headers, 'content-encoding': 'br' } })).toMatchObject({ status: 501 })
})

test.for([
  ['{"a', 'application/json', 'Invalid JSON payload received.'],
  ['{"labels": {}}', 'application/x-www-form-urlencoded', 'Cannot bind query parameter.'],
  ['<topic/>', 'text/xml', 'text/xml'],
])('a body %s of type %s is refused', async ([body, type, message]) => {
  await using started = await startRest()
  const init = { method: 'PUT', body, headers: { 'content-type': type! } }
  const answer = await started.rest.send(`/v1/${topicName('another')}`, init)
  expect(answer).toMatchObject({ status: 400, body: { error: { message: expect.stringContaining(message!) } } })
})

test('a request beyond the limit of any is refused, and a batch beyond the limit of Publish in its words', async () => {
  await using started = await startRest()
  const { rest } = started
  const large = { messages: [{ data: 'A'.repeat(14_000_000) }] }
  expect(await rest.call('POST', 'topics/events:publish', large)).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringContaining('The value for request_size is too large.') } },
  })
  const init = { method: 'POST', body: Buffer.alloc(101 * 2 ** 20), headers: { 'content-type': 'application/json' } }
  expect((await rest.send(`/v1/${TOPIC}:publish`, init)).status).toBe(413)
})

test('a GET too long for a URL is sent as a POST that says so', async () => {
  await using started = await startRest()
  const answer = await started.rest.send(`/v1/projects/${PROJECT}/topics`, {
    method: 'POST',
    body: 'pageSize=1',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-http-method-override': 'GET' },
  })
  expect(answer).toMatchObject({ status: 200, body: { topics: [{ name: TOPIC }] } })
})

test('a project may have a domain', async () => {
  await using started = await start()
  const rest = new Rest(started)
  const path = '/v1/projects/example.com:shop/topics/events'
  expect((await rest.send(path, { method: 'PUT' })).body.name).toBe(path.slice('/v1/'.length))
  expect((await rest.send(`${path}:publish`, { method: 'POST' })).status).toBe(400)
  const list = await rest.send('/v1/projects/example.com:shop/topics', { method: 'GET' })
  expect(list.body.topics).toHaveLength(1)
})
