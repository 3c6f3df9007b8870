import { createRequire } from 'node:module'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { expect, test } from 'vitest'
import { print } from './print.ts'
import { Reader } from './reader.ts'

const protos = createRequire(import.meta.url)('@google-cloud/pubsub/build/protos/protos.json')
const root = protobuf.Root.fromJSON(protos).resolveAll()
const typeOf = (name: string) => root.lookupType(`google.pubsub.v1.${name}`)
const SHOWN = { defaults: true, longs: String, enums: String, bytes: String, oneofs: true }

/** What the JSON says of a message, and what is wrong with it. */
function read(name: string, json: unknown) {
  const type = typeOf(name)
  const reader = new Reader()
  const message = reader.message(type, json)
  return { message, violations: reader.violations.map(({ description }) => description) }
}

const number = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0))
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.constant({ nullValue: 'NULL_VALUE' }),
    number.map((numberValue) => ({ numberValue })),
    fc.string().map((stringValue) => ({ stringValue })),
    fc.boolean().map((boolValue) => ({ boolValue })),
    fc.array(tie('value'), { maxLength: 3 }).map((values) => ({ listValue: { values } })),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }).map((fields) => ({ structValue: { fields } })),
  ),
}))
const nanos = fc.oneof(fc.constantFrom(0, 1, 120_000_000, 123_456_000), fc.integer({ min: 0, max: 999_999_999 }))
const text = fc.oneof(fc.constantFrom('', 'null'), fc.string({ unit: 'binary' }))
const key = fc.string({ minLength: 1 }).filter((name) => name !== '__proto__')

const ARBITRARY: Record<string, fc.Arbitrary<unknown>> = {
  string: text,
  bool: fc.boolean(),
  int32: fc.integer(),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  '.google.protobuf.Timestamp': fc.record({
    seconds: fc.integer({ min: Date.parse('0001-01-01T00:00:00Z') / 1_000, max: 253_402_300_799 }),
    nanos,
  }),
  '.google.protobuf.Duration': fc
    .tuple(fc.integer({ min: 0, max: 315_576_000_000 }), nanos, fc.constantFrom(1, -1))
    .map(([seconds, n, sign]) => ({ seconds: sign * seconds || 0, nanos: sign * n || 0 })),
  '.google.protobuf.FieldMask': fc
    .array(fc.stringMatching(/^[a-z]+(_[a-z]+){0,2}(\.[a-z]+)?$/), { minLength: 1, maxLength: 3 })
    .map((paths) => ({ paths })),
  '.google.protobuf.Struct': fc.dictionary(fc.string(), value, { maxKeys: 3 }).map((fields) => ({ fields })),
}

/** Any message of a type, as its descriptor has it. */
function messageOf(type: protobuf.Type, depth = 3): fc.Arbitrary<object> {
  const oneofs = type.oneofsArray.map(({ oneof }) => oneof)
  const alone = (message: Record<string, unknown>) => {
    for (const names of oneofs) for (const name of names.filter((n) => n in message).slice(1)) delete message[name]
    return message
  }
  const fields = type.fieldsArray.filter(({ resolvedType }) => depth > 0 || !(resolvedType instanceof protobuf.Type))
  const arbitraries = Object.fromEntries(fields.map((field) => [field.name, fieldOf(field, depth)]))
  return fc.record(arbitraries, { requiredKeys: [] }).map(alone)
}

function fieldOf(field: protobuf.Field, depth: number): fc.Arbitrary<unknown> {
  const type = field.resolvedType
  const one =
    ARBITRARY[type?.fullName ?? field.type] ??
    (type instanceof protobuf.Enum
      ? fc.constantFrom(...Object.values(type.values))
      : messageOf(type as protobuf.Type, depth - 1))
  if (field.map) return fc.dictionary(key, one, { maxKeys: 3 })
  return field.repeated ? fc.array(one, { maxLength: 3 }) : one
}

test.for([
  'Topic',
  'Subscription',
  'PublishRequest',
  'PullResponse',
  'UpdateSubscriptionRequest',
  'Snapshot',
  'Schema',
  'IngestionFailureEvent',
  'IngestionDataSourceSettings.CloudStorage.TextFormat',
])('any %s reads back from its JSON as it was', (name) => {
  const type = typeOf(name)
  fc.assert(
    fc.property(messageOf(type), fc.boolean(), (message, enumsAsInts) => {
      const json = JSON.parse(JSON.stringify(print(type, message, { enumsAsInts })))
      const back = read(name, json)
      expect(back.violations).toEqual([])
      expect(type.toObject(type.fromObject(back.message), SHOWN)).toEqual(
        type.toObject(type.fromObject(message), SHOWN),
      )
    }),
    { numRuns: 60 },
  )
})

test.for([
  [
    { ack_ids: ['a'], ackDeadlineSeconds: '30' },
    { ackIds: ['a'], ackDeadlineSeconds: 30 },
  ],
  [{ ackIds: 'a', ackDeadlineSeconds: null }, { ackIds: ['a'] }],
] as [object, object][])('%j is understood', ([json, message]) => {
  expect(read('ModifyAckDeadlineRequest', json)).toEqual({ message, violations: [] })
})

test.for(['aGk=', 'aGk', '_-8=', '/+8'])('%s is base64', (data) => {
  const { message } = read('PubsubMessage', { data })
  expect(message.data).toEqual(Buffer.from(data, 'base64'))
})

test.for([
  [{ paths: ['labels', 'push_config'] }, 'labels,pushConfig'],
  [{ paths: ['retry_policy.minimum_backoff'] }, 'retryPolicy.minimumBackoff'],
  [{ paths: ['ack_deadline_seconds'] }, 'ack_deadline_seconds'],
  [{ paths: [] }, ''],
] as [object, string][])('the mask %j may be written %s', ([updateMask, json]) => {
  expect(read('UpdateTopicRequest', { updateMask: json }).message).toEqual({ updateMask })
})

const DURATION = "(type.googleapis.com/google.protobuf.Duration), Field 'messageRetentionDuration', "
const UNKNOWN = 'Invalid JSON payload received. Unknown name'

test.for([
  ['Topic', { x: 1 }, `${UNKNOWN} "x": Cannot find field.`],
  ['Topic', { toString: 1 }, `${UNKNOWN} "toString": Cannot find field.`],
  ['Topic', [], `${UNKNOWN} "": Root element must be a message.`],
  ['Topic', { name: ['a'] }, `${UNKNOWN} "name": Proto field is not repeating, cannot start list.`],
  ['Topic', { name: 5 }, "Invalid value at 'name' (TYPE_STRING), 5"],
  ['Topic', { name: {} }, "Invalid value at 'name' (TYPE_STRING), Starting an object on a scalar field"],
  ['Topic', { labels: { a: 1 } }, "Invalid value at 'labels[a]' (TYPE_STRING), 1"],
  ['Topic', { labels: 'a' }, `Invalid value at 'labels' (map), "a"`],
  ['Topic', { kms_key_name: 'a', kmsKeyName: 'b' }, `${UNKNOWN} "kmsKeyName": The field is given twice.`],
  [
    'Topic',
    { messageRetentionDuration: '600' },
    `Invalid value at 'message_retention_duration' ${DURATION}Illegal duration format; duration must end with 's'`,
  ],
  [
    'Topic',
    { messageRetentionDuration: 'xs' },
    `Invalid value at 'message_retention_duration' ${DURATION}Illegal duration format`,
  ],
  ['PublishRequest', { messages: [{}, { x: 1 }] }, `${UNKNOWN} "x" at 'messages[1]': Cannot find field.`],
  [
    'PublishRequest',
    { messages: [5] },
    "Invalid value at 'messages[0]' (type.googleapis.com/google.pubsub.v1.PubsubMessage), 5",
  ],
  [
    'PublishRequest',
    { messages: { data: '!' } },
    `Invalid value at 'messages[0].data' (TYPE_BYTES), Base64 decoding failed for "!"`,
  ],
  ['PullRequest', { maxMessages: 1.5 }, "Invalid value at 'max_messages' (TYPE_INT32), 1.5"],
  ['PullRequest', { maxMessages: 2 ** 31 }, "Invalid value at 'max_messages' (TYPE_INT32), 2147483648"],
  ['PullRequest', { returnImmediately: 'yes' }, `Invalid value at 'return_immediately' (TYPE_BOOL), "yes"`],
  ['Schema', { type: 'XML' }, `Invalid value at 'type' (type.googleapis.com/google.pubsub.v1.Schema.Type), "XML"`],
  [
    'PushConfig',
    { pubsubWrapper: {}, noWrapper: {} },
    "Invalid value (oneof), oneof field 'wrapper' is already set. Cannot set 'noWrapper'",
  ],
  [
    'SeekRequest',
    { time: '2024-01-15' },
    "Invalid value at 'time' (type.googleapis.com/google.protobuf.Timestamp), Field 'time', Invalid time format: Failed to parse input",
  ],
] as [string, unknown, string][])('a %s of %j is refused', ([name, json, violation]) => {
  expect(read(name, json).violations).toEqual([violation])
})

test.for([
  ['2024-02-29T23:59:59Z', true],
  ['2023-02-29T00:00:00Z', false],
  ['2024-02-30T00:00:00Z', false],
  ['2024-01-15T24:00:00Z', false],
  ['2024-01-15T10:30:60Z', false],
  ['2024-01-15T10:30:00+24:00', false],
  ['0001-01-01T00:00:00Z', true],
] as [string, boolean][])('that %s is a time is %j', ([time, isTime]) => {
  expect(read('SeekRequest', { time }).violations).toHaveLength(isTime ? 0 : 1)
})
