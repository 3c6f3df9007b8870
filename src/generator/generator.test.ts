import { execFile } from 'node:child_process'
import { setImmediate as turn } from 'node:timers/promises'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { manualClock, systemClock } from '../../clock/index.ts'
import { events, validate } from '../catalogue/index.ts'
import {
  type GeneratedMessage,
  generateMessages,
  malformed,
  runScenario,
  SeededSource,
  withUnknownField,
} from './index.ts'
import { mix } from './mix.ts'
import { offsetOf, Pace } from './pace.ts'

const HOUR = { from: Date.parse('2024-01-15T10:00:00Z'), to: Date.parse('2024-01-15T11:00:00Z') }
const make = (more = {}) => [...generateMessages({ seed: 7, count: 300, eventTimes: HOUR, ...more })]
const json = ({ data }: GeneratedMessage) => JSON.parse(data.toString())
const check = (message: GeneratedMessage) => validate(events.get(json(message).event_type)!, json(message))

test('the same seed gives the same messages byte for byte, and another seed gives others', () => {
  expect(make()).toEqual(make())
  expect(make({ seed: 8 })).not.toEqual(make())
})

test('every sample is a valid event of its type, with an event id of its own', () => {
  const messages = make()
  expect(messages.map(check).filter(({ ok }) => !ok)).toEqual([])
  expect(new Set(messages.map(({ eventId }) => eventId)).size).toBe(300)
  expect(new Set(messages.map(({ eventType }) => eventType))).toEqual(new Set(events.keys()))
  expect(messages.every(({ attributes, eventId }) => attributes.event_id === eventId)).toBe(true)
})

test('event times cover the given span in order', () => {
  const times = make().map((message) => Date.parse(json(message)[events.get(json(message).event_type)!.eventTime]))
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(times[0]).toBeLessThan(HOUR.from + 12_000)
  expect(times.at(-1)).toBeGreaterThan(HOUR.to - 12_001)
})

test('an order’s total is the sum of its items, to the cent', () => {
  const orders = make({ eventTypes: ['order'] }).map(json)
  for (const { items, total_amount } of orders) {
    const cents = items.reduce(
      (sum: number, i: { price: number; quantity: number }) => sum + Math.round(i.price * 100) * i.quantity,
      0,
    )
    expect(total_amount).toBe(cents / 100)
  }
})

test('an unknown event type is refused by name', () => {
  expect(() => make({ eventTypes: ['refund'] })).toThrow('refund')
})

test('malformed and repeated messages come in exactly the asked proportion, every kind of malformed one among them', () => {
  const messages = make({ count: 200, malformedRatio: 0.1, duplicateRatio: 0.05 })
  const reasons = messages.flatMap(({ reason }) => reason ?? [])
  expect(reasons).toHaveLength(20)
  expect(new Set(reasons).size).toBe(malformed.size)
  expect(messages.length - new Set(messages.map(({ eventId }) => eventId)).size).toBe(10)
  expect(messages.filter(({ repeated }) => repeated)).toHaveLength(10)
})

test('malformed messages are of the asked types, as the others are', () => {
  const messages = make({ eventTypes: ['inventory'], malformedRatio: 0.5 })
  expect(new Set(messages.map(({ eventType }) => eventType))).toEqual(new Set(['inventory']))
})

test('for any count and ratios the quotas are met, and nothing is repeated before something valid', () => {
  const ratio = fc.double({ min: 0, max: 0.5, noNaN: true })
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 300 }), ratio, ratio, fc.nat(), (count, bad, repeats, seed) => {
      const source = new SeededSource(seed)
      const fraction = () => source.fraction()
      const parts = [...mix({ count, malformedRatio: bad, duplicateRatio: repeats, fraction })]
      const quota = Math.round(count * bad)
      expect(parts).toHaveLength(count)
      expect(parts.filter((part) => part === 'malformed')).toHaveLength(quota)
      const most = Math.max(0, count - quota - 1)
      expect(parts.filter((part) => part === 'repeated')).toHaveLength(Math.min(most, Math.round(count * repeats)))
      const first = parts.indexOf('repeated')
      if (first >= 0) expect(parts.slice(0, first)).toContain('valid')
    }),
    { numRuns: 30 },
  )
})

test('the ratios of messages without end hold on average', () => {
  const endless = generateMessages({ seed: 7, eventTimes: HOUR, malformedRatio: 0.2, duplicateRatio: 0.1 })
  const some = Array.from({ length: 2_000 }, () => endless.next().value!)
  expect(some.filter(({ reason }) => reason).length / 2_000).toBeCloseTo(0.2, 1)
  expect(some.filter(({ repeated }) => repeated).length / 2_000).toBeCloseTo(0.1, 1)
})

test('each kind of malformed message has a reason of its own', () => {
  const source = new SeededSource(1)
  const reasons = [...malformed.values()].map((maker) => maker(source).reason)
  expect(new Set(reasons).size).toBe(malformed.size)
})

test.each(['a time that is a number', 'an impossible date', 'a missing required field', 'a year that no table has'])(
  'the catalogue refuses %s of any type for the reason that the maker states',
  (kind) => {
    for (const definition of events.values()) {
      const message = malformed.get(kind)!(new SeededSource(1), definition)
      expect(message.eventType).toBe(definition.type)
      expect(check(message)).toMatchObject({ ok: false, violations: [{ reason: message.reason }] })
    }
  },
)

test('an event with an unknown field is still an event', () => {
  expect(check(withUnknownField(new SeededSource(1)))).toMatchObject({ ok: true, unknownFields: ['coupon'] })
})

/** Runs a scenario on a clock that moves in steps, and records when each message was published. */
async function paced(eventsPerMinute: number, count: number, steps: readonly number[]) {
  const clock = manualClock(0)
  const times: number[] = []
  const publish = async () => {
    times.push(clock.now())
    return 'id'
  }
  const running = runScenario({ messages: make({ count }), publish, clock, eventsPerMinute })
  for (const step of steps) {
    await turn()
    clock.advance(step)
    await turn()
  }
  return { times, running }
}

test('messages are spread evenly at the asked rate', async () => {
  const { times, running } = await paced(600, 50, Array(500).fill(10))
  expect((await running).published).toBe(50)
  expect(times).toEqual(Array.from({ length: 50 }, (_, i) => i * 100))
})

test('bursts keep the rate on the whole, and each takes a tenth of its time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 50_000 }), (burst, eventsPerMinute) => {
      const at = (index: number) => offsetOf(index, { eventsPerMinute, burst })
      const periodMs = (burst * 60_000) / eventsPerMinute
      expect(at(3 * burst)).toBeCloseTo(3 * periodMs, 6)
      expect(at(burst - 1)).toBeLessThanOrEqual(periodMs / 10)
    }),
  )
})

test('whatever stalls there are, no more than half a second’s worth comes at once, and nothing comes early', () => {
  const stalls = fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 200 })
  fc.assert(
    fc.property(stalls, fc.integer({ min: 60, max: 60_000 }), (late, eventsPerMinute) => {
      const pace = new Pace({ start: 0, eventsPerMinute })
      let now = 0
      const times = late.map((lateMs) => {
        now = Math.max(now, pace.due) + (lateMs > 4_000 ? lateMs : 0)
        pace.take(now)
        return now
      })
      const perSecond = eventsPerMinute / 60
      times.forEach((time, i) => {
        const within = times.slice(i).filter((other) => other < time + 1_000).length
        expect(within).toBeLessThanOrEqual(1.5 * perSecond + 2)
        expect(time).toBeGreaterThanOrEqual(offsetOf(i, { eventsPerMinute }))
      })
    }),
    { numRuns: 50 },
  )
})

test('a stall is followed by half a second’s worth of messages at most, then by the asked rate', async () => {
  const { times } = await paced(600, 300, [...Array(10).fill(100), 60_000, ...Array(20).fill(100)])
  const afterStall = times.filter((time) => time === 61_000)
  expect(afterStall.length).toBe(6)
  expect(times.filter((time) => time > 61_000)).toEqual(Array.from({ length: 20 }, (_, i) => 61_100 + i * 100))
})

test('no more publishes are under way than allowed', async () => {
  const landings: ((id: string) => void)[] = []
  const publish = () => new Promise<string>((resolve) => landings.push(resolve))
  const running = runScenario({
    messages: make({ count: 5 }),
    publish,
    clock: systemClock,
    eventsPerMinute: Number.POSITIVE_INFINITY,
    maxInFlight: 2,
  })
  const seen: number[] = []
  for (let landed = 0; landed < 5; landed++) {
    await turn()
    seen.push(landings.length - landed)
    landings[landed]!('id')
  }
  expect(seen).toEqual([2, 2, 2, 2, 1])
  expect(await running).toMatchObject({ published: 5, failed: 0 })
})

test('a stopped scenario waits for what is under way, and counts it', async () => {
  const clock = manualClock(0)
  const stop = new AbortController()
  const land: ((id: string) => void)[] = []
  const publish = () => new Promise<string>((resolve) => land.push(resolve))
  const running = runScenario({ messages: make(), publish, clock, eventsPerMinute: 60, signal: stop.signal })
  await turn()
  stop.abort()
  await turn()
  land[0]!('id')
  expect(await running).toMatchObject({ published: 1, failed: 0 })
  expect(land).toHaveLength(1)
})

test('a message that the topic refuses is counted as failed, and the rest goes on', async () => {
  const failures: unknown[] = []
  const publish = async ({ eventType }: GeneratedMessage) => {
    if (eventType === 'order') throw new Error('quota')
    return 'id'
  }
  const result = await runScenario({
    messages: make({ count: 30 }),
    publish,
    clock: systemClock,
    eventsPerMinute: Number.POSITIVE_INFINITY,
    onFailed: (_message, error) => failures.push(error),
  })
  expect(result.failed).toBe(failures.length)
  expect(result.failed).toBeGreaterThan(0)
  expect(result.published + result.failed).toBe(30)
  expect(result.byType.order).toBeUndefined()
})

test('ids are never given twice, whatever the seed', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const source = new SeededSource(seed)
      const ids = Array.from({ length: 2_000 }, () => source.id('evt'))
      expect(new Set(ids).size).toBe(2_000)
      expect(ids[0]).toMatch(/^evt-[0-9a-f]{12}$/)
    }),
    { numRuns: 10 },
  )
})

test('messages without a count have no end, and their times lie at random in the span', () => {
  const endless = generateMessages({ seed: 7, eventTimes: HOUR, eventTypes: ['inventory'] })
  const times = Array.from({ length: 200 }, () => Date.parse(json(endless.next().value!).timestamp))
  expect(times.every((time) => time >= HOUR.from && time < HOUR.to)).toBe(true)
  expect(times).not.toEqual(times.toSorted((a, b) => a - b))
})

test('events may happen as they are made, by a clock', () => {
  const clock = manualClock(HOUR.from)
  const live = generateMessages({ seed: 7, eventTimes: clock.now, eventTypes: ['inventory'] })
  const times = [0, 1_000].map((ms) => {
    clock.advance(ms)
    return Date.parse(json(live.next().value!).timestamp)
  })
  expect(times).toEqual([HOUR.from, HOUR.from + 1_000])
})

test.each([
  { malformedRatio: 1.5 },
  { malformedRatio: 0.6, duplicateRatio: 0.6 },
  { duplicateRatio: -1 },
  { malformedRatio: Number.NaN },
])('the ratio %o is refused', (ratio) => {
  expect(() => make(ratio)).toThrow(RangeError)
})

test('a scenario that is to last a minute makes a minute’s worth of messages', async () => {
  const clock = manualClock(0)
  const messages = generateMessages({ seed: 7, eventTimes: HOUR })
  const publish = async () => 'id'
  const running = runScenario({ messages, publish, clock, eventsPerMinute: 120, durationMs: 60_000 })
  for (let i = 0; i < 120; i++) {
    await turn()
    clock.advance(500)
  }
  expect(await running).toMatchObject({ requested: 120, published: 120 })
})

test('any minute of a run has what was asked for, within 1 %, also the one after a stall', async () => {
  const { times } = await paced(1_200, 3_000, [...Array(100).fill(50), 30_000, ...Array(1_300).fill(50)])
  const first = times.findIndex((time) => time > 10_000)
  const minute = times.filter((time) => time >= times[first]! && time < times[first]! + 60_000)
  expect(Math.abs(minute.length - 1_200)).toBeLessThanOrEqual(12)
})

test('a scenario as fast as it goes still hears the signal to stop', async () => {
  const stop = new AbortController()
  const messages = generateMessages({ seed: 7, count: 100_000, eventTimes: HOUR })
  const publish = async () => 'id'
  const fast = { messages, publish, clock: systemClock, eventsPerMinute: Number.POSITIVE_INFINITY }
  const running = runScenario({ ...fast, signal: stop.signal })
  setImmediate(() => stop.abort())
  const { requested, published } = await running
  expect(published).toBe(requested)
  expect(requested).toBeLessThan(100_000)
})

test('progress is told once a second and at the end', async () => {
  const clock = manualClock(0)
  const seen: number[] = []
  const publish = async () => 'id'
  const onProgress = ({ requested }: { requested: number }) => seen.push(requested)
  const running = runScenario({ messages: make({ count: 25 }), publish, clock, eventsPerMinute: 600, onProgress })
  for (let i = 0; i < 25; i++) {
    await turn()
    clock.advance(100)
  }
  await running
  expect(seen).toEqual([11, 21, 25])
})

test('a process that only waits for its next message stays until the last one', async () => {
  const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)
  const script = `
    import { systemClock } from ${url('../../clock/index.ts')}
    import { runScenario } from ${url('./scenario.ts')}
    const publish = async () => 'id'
    const result = await runScenario({ messages: Array(3).fill({ data: '' }), publish, clock: systemClock, eventsPerMinute: 3_000 })
    console.log(result.published)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
  expect(stdout.trim()).toBe('3')
})
