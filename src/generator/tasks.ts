import { setImmediate as otherWork } from 'node:timers/promises'
import type { Clock } from '../../clock/index.ts'
import type { GeneratedMessage } from './message.ts'
import type { Plan } from './plan.ts'
import { runScenario } from './scenario.ts'
import { Task } from './task.ts'

export interface TasksOptions {
  readonly clock: Clock
  /** Resolves to the message id when the topic has the message. */
  readonly publish: (message: GeneratedMessage) => Promise<string>
  /** The same, keeping each customer's messages in order. */
  readonly publishInOrder: (message: GeneratedMessage) => Promise<string>
  /** Never the same one twice. */
  readonly newId: () => string
  /** Told when a task has ended. */
  readonly onEnd?: (task: Task) => void
}

export const MOST_RUNNING = 20
/** Of those that are finished, the latest. */
const MOST_FINISHED = 100

/** As many tasks run as may. */
export class TooManyTasks extends Error {
  override readonly name = 'TooManyTasks'
}

/** The tasks of one service. */
export class Tasks {
  readonly #options: TasksOptions
  readonly #tasks = new Map<string, Task>()
  readonly #ends = new Map<Task, Promise<void>>()

  constructor(options: TasksOptions) {
    this.#options = options
  }

  /** Returns at once; the task runs on. Throws TooManyTasks. */
  start(plan: Plan): Task {
    if (this.running.length >= MOST_RUNNING) throw new TooManyTasks(`${MOST_RUNNING} tasks are running already.`)
    const task = new Task(this.#options.newId(), plan, this.#options.clock)
    this.#tasks.set(task.id, task)
    this.#ends.set(task, this.#run(task))
    return task
  }

  get(id: string): Task | undefined {
    return this.#tasks.get(id)
  }

  /** The latest first. */
  get all(): Task[] {
    return [...this.#tasks.values()].reverse()
  }

  get running(): Task[] {
    return [...this.#ends.keys()]
  }

  /** Waits until all of these have ended, but no longer than so many milliseconds. */
  async ended(tasks: readonly Task[], patienceMs: number): Promise<void> {
    const ends = Promise.all(tasks.map((task) => this.#ends.get(task)))
    const { clock } = this.#options
    await new Promise<void>((resolve) => {
      const cancel = clock.at(clock.now() + patienceMs, resolve)
      void ends.then(() => {
        cancel()
        resolve()
      })
    })
  }

  /** Never rejects. */
  async #run(task: Task): Promise<void> {
    const { clock, publish, publishInOrder, onEnd } = this.#options
    const { plan, signal } = task
    try {
      // Whoever starts a task hears of it before its customers and products are made.
      await otherWork()
      task.begin()
      await runScenario({
        messages: plan.messages(clock.now()),
        publish: plan.inOrder ? publishInOrder : publish,
        clock,
        eventsPerMinute: plan.durationMs === 0 ? Number.POSITIVE_INFINITY : (plan.requested * 60_000) / plan.durationMs,
        burst: plan.burst,
        signal,
        onPublished: (message) => task.published(message),
        onFailed: (_message, error) => task.failed(error),
      })
      task.end()
    } catch (thrown) {
      task.end(thrown)
    }
    this.#ends.delete(task)
    this.#forgetOldest()
    onEnd?.(task)
  }

  #forgetOldest(): void {
    const finished = [...this.#tasks.values()].filter(({ isFinished }) => isFinished)
    for (const { id } of finished.slice(0, -MOST_FINISHED)) this.#tasks.delete(id)
  }
}
