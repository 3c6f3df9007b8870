import { setImmediate as otherWork } from 'node:timers/promises'
import type { Topic } from '@google-cloud/pubsub'
import { expect, test } from 'vitest'
import { manualClock } from '../../clock/index.ts'
import type { RecordedMessage } from './format.ts'
import { publishMessages } from './publish.ts'

const messageAt = (offsetMs: number): RecordedMessage => ({
  messageId: `at-${offsetMs}`,
  publishTime: '2024-01-15T10:30:00Z',
  offsetMs,
  attributes: {},
  data: Buffer.from('{}'),
})

async function* messages(...offsets: number[]) {
  for (const offset of offsets) yield messageAt(offset)
}

/** What a topic is given, and when. */
function topicOn(clock: { now(): number }, refuse = () => false) {
  const start = clock.now()
  const taken: number[] = []
  const topic = {
    async publishMessage() {
      if (refuse()) throw new Error('it is full')
      taken.push(clock.now() - start)
      return `id-${taken.length}`
    },
  } as unknown as Topic
  return { topic, taken }
}

test.each([
  [1, [0, 400, 400, 1000]],
  [2, [0, 200, 200, 500]],
  [0, [0, 0, 0, 0]],
])('at speed %d messages come at %j', async (speed, expected) => {
  const clock = manualClock()
  const { topic, taken } = topicOn(clock)
  const names: string[] = []
  let isDone = false
  const published = publishMessages(topic, messages(0, 400, 400, 1000), {
    speed,
    clock,
    onPublished: (_id, name) => names.push(name),
  }).then(() => {
    isDone = true
  })
  for (let ms = 0; ms <= 1_000 && !isDone; ms += 100) {
    for (let turn = 0; turn < 5; turn++) await otherWork()
    clock.advance(100)
  }
  await published
  expect(taken).toEqual(expected)
  expect(names).toEqual(['at-0', 'at-400', 'at-400', 'at-1000'])
})

test('a message that the topic refuses ends the replay, and is named', async () => {
  const clock = manualClock()
  const { topic, taken } = topicOn(clock, () => taken.length === 1)
  const publishing = publishMessages(topic, messages(0, 1, 2), { speed: 0, clock, onPublished() {} })
  await expect(publishing).rejects.toThrow('The topic refuses at-1: it is full')
})
