import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { manualClock } from '../../clock/index.ts'
import type { GeneratedMessage } from './message.ts'
import { planLoad, planScenario } from './plan.ts'
import { RecentRate } from './recent-rate.ts'
import { scenarios } from './scenarios.ts'
import { Task, type TaskState } from './task.ts'
import { MOST_RUNNING, Tasks, TooManyTasks } from './tasks.ts'

const PLAN = { seed: 7, timeScale: 1, inOrder: false }
const LOAD = { ...PLAN, eventsPerMinute: 60, durationMinutes: 1 }
const ORDER = { eventType: 'order' } as GeneratedMessage
const FINAL: readonly TaskState[] = ['completed', 'stopped', 'failed']

test('a task goes from pending through running to one end, and says what came of every message', () => {
  const step = fc.constantFrom('begin', 'published', 'failed', 'stop', 'end', 'break')
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const task = new Task('t', planLoad('start', { ...LOAD, eventsPerMinute: 5 }), manualClock())
      let broken = false
      let stopped = false
      for (const name of steps) {
        const before = task.state
        if (name === 'begin') task.begin()
        if (name === 'published' && before === 'running' && task.progress.published < 5) task.published(ORDER)
        if (name === 'failed' && before === 'running') task.failed(new Error('quota'))
        if (name === 'stop') task.stop()
        if (name === 'end') task.end()
        if (name === 'break') task.end(new Error('bug'))
        if (FINAL.includes(before)) expect(task.state).toBe(before)
        else {
          stopped ||= name === 'stop'
          broken ||= name === 'break'
        }
        if (task.state === 'pending') expect(task.progress.published).toBe(0)
      }
      const { published, lastError } = task.progress
      expect(task.isFinished).toBe(FINAL.includes(task.state))
      if (task.state === 'completed') expect(published).toBe(5)
      if (task.state === 'stopped') expect(stopped && !broken && published < 5).toBe(true)
      if (broken) expect([task.state, lastError]).toEqual(['failed', 'bug'])
      if (task.isFinished && !broken) expect(task.state === 'completed').toBe(published === 5)
    }),
  )
})

test('a hundred refusals in a row end a task, and one success in between does not', () => {
  const task = new Task('t', planLoad('start', { ...LOAD, eventsPerMinute: 1_000 }), manualClock())
  task.begin()
  const refuse = (times: number) => Array.from({ length: times }, () => task.failed(new Error('no such topic')))
  refuse(99)
  task.published(ORDER)
  refuse(99)
  expect(task.signal.aborted).toBe(false)
  refuse(1)
  expect(task.signal.aborted).toBe(true)
  task.end()
  expect(task).toMatchObject({ state: 'failed', progress: { lastError: 'no such topic', failed: 199 } })
})

/** Tasks on a clock that the test moves, with a topic that takes all at once. */
function service(publish: () => Promise<string> = async () => 'id') {
  const clock = manualClock(0)
  let ids = 0
  const sent: { at: number; message: GeneratedMessage }[] = []
  const tasks = new Tasks({
    clock,
    publish: (message) => {
      sent.push({ at: clock.now(), message })
      return publish()
    },
    publishInOrder: publish,
    newId: () => `t${++ids}`,
  })
  const pass = async (ms: number, step = 10) => {
    for (let passed = 0; passed < ms; passed += step) {
      await turn()
      clock.advance(step)
      await turn()
    }
  }
  return { clock, tasks, sent, pass }
}

test('a task shows how far it is, when it ends, and how fast it goes', async () => {
  const { tasks, pass } = service()
  const task = tasks.start(planLoad('start', { ...LOAD, eventsPerMinute: 600 }))
  expect(task.state).toBe('pending')
  await pass(30_000, 20)
  expect(task.state).toBe('running')
  const { published, percent, endsAt, eventsPerSecond } = task.progress
  expect(published).toBeGreaterThanOrEqual(299)
  expect(percent).toBeCloseTo(50, 0)
  expect(Math.abs(endsAt! - 60_000)).toBeLessThan(200)
  expect(eventsPerSecond.now).toBeCloseTo(10, 0)
  expect(eventsPerSecond.average).toBeCloseTo(10, 0)
  await pass(30_100, 20)
  expect(task).toMatchObject({ state: 'completed', progress: { published: 600, percent: 100, failed: 0 } })
  expect(task.progress.eventsPerSecond.now).toBe(0)
  expect(Object.values(task.progress.byType).reduce((a, b) => a + b)).toBe(600)
})

test('a scaled scenario runs as much faster, and tells events of its full length that lie in the past', async () => {
  const { tasks, sent, pass } = service()
  const task = tasks.start(planScenario(scenarios.get('light_demo')!, { ...PLAN, timeScale: 60 }))
  await pass(5_100)
  expect(task.state).toBe('completed')
  const times = sent.map(({ message }) => {
    const event = JSON.parse(message.data.toString())
    return Date.parse(event.order_date ?? event.timestamp)
  })
  expect(sent.every(({ at }, i) => times[i]! <= at)).toBe(true)
  expect(times.at(-1)! - times[0]!).toBeGreaterThan(4.9 * 60_000)
  expect(sent.at(-1)!.at).toBeLessThanOrEqual(5_000)
})

test('bursts come together, and none of their events lies in the future', async () => {
  const { tasks, sent, pass } = service()
  tasks.start(planScenario(scenarios.get('burst_test')!, PLAN))
  await pass(29_000, 20)
  const perTwoSeconds = new Map<number, number>()
  for (const { at } of sent) {
    const when = Math.floor(at / 2_000)
    perTwoSeconds.set(when, (perTwoSeconds.get(when) ?? 0) + 1)
  }
  const timeOf = ({ order_date, timestamp }: Record<string, string>) => Date.parse(order_date ?? timestamp!)
  expect(sent.every(({ at, message }) => timeOf(JSON.parse(message.data.toString())) <= at)).toBe(true)
  expect([...perTwoSeconds]).toEqual([
    [0, 50],
    [5, 50],
    [10, 50],
  ])
})

test('twenty tasks may run, the next is refused until one has ended', async () => {
  const { tasks } = service()
  const running = Array.from({ length: MOST_RUNNING }, () => tasks.start(planLoad('start', LOAD)))
  expect(() => tasks.start(planLoad('start', LOAD))).toThrow(TooManyTasks)
  running[0]!.stop()
  await tasks.ended([running[0]!], 1_000)
  expect(running[0]!.state).toBe('stopped')
  expect(tasks.start(planLoad('start', LOAD)).state).toBe('pending')
})

test('of finished tasks the last hundred are kept, and those that run are never forgotten', async () => {
  const { tasks } = service()
  const long = tasks.start(planLoad('start', LOAD))
  for (let i = 0; i < 105; i++) {
    const task = tasks.start({ ...planLoad('batch', LOAD), requested: 0, messages: () => [] })
    await tasks.ended([task], 1_000)
  }
  expect(tasks.all).toHaveLength(101)
  expect(tasks.get(long.id)).toBe(long)
  expect(tasks.get('t2')).toBeUndefined()
  expect(tasks.all[0]!.id).toBe('t106')
})

test('a stopped task is running until the topic has answered for all that was published', async () => {
  const answers: ((id: string) => void)[] = []
  const { tasks, clock } = service(() => new Promise((resolve) => answers.push(resolve)))
  const task = tasks.start(planLoad('batch', { ...LOAD, eventsPerMinute: 3 }))
  while (answers.length < 3) await turn()
  task.stop()
  const waited = tasks.ended([task], 5_000)
  clock.advance(5_000)
  await waited
  expect(task.state).toBe('running')
  for (const answer of answers) answer('id')
  await tasks.ended([task], 5_000)
  expect(task).toMatchObject({ state: 'completed', progress: { published: 3 } })
})

test('the recent rate forgets what is five seconds old, and is close for a steady stream', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), (perSecond) => {
      const rate = new RecentRate()
      for (let i = 0; i < 10 * perSecond; i++) rate.add((i * 1_000) / perSecond)
      expect(Math.abs(rate.perSecond(10_000) - perSecond)).toBeLessThanOrEqual(0.25 + perSecond * 0.05)
      expect(rate.perSecond(16_000)).toBe(0)
    }),
  )
})
