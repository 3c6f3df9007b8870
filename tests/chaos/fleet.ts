import { type SluiceProcess, spawnSluice } from '../harness.ts'

/** Pipelines in processes of their own, each started again whenever it ends, as a supervisor would. */
export class Fleet implements AsyncDisposable {
  /** Ids of the messages that some pipeline has reported as durable. */
  readonly durable = new Set<string>()
  kills = 0
  #running: SluiceProcess[] = []
  #keepers: Promise<void>[]
  #ending = false
  #heard = Promise.withResolvers<void>()

  constructor(size: number, environment: Readonly<Record<string, string>>) {
    this.#keepers = Array.from({ length: size }, (_, i) => this.#keep(i, environment))
  }

  kill(which: number): void {
    this.#running[which % this.#running.length]?.kill('SIGKILL')
    this.kills += 1
  }

  /** Resolves when some pipeline reports a bundle, or after so many milliseconds: whether one did. */
  async works(withinMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const timer = setTimeout(resolve, withinMs, false)
    void this.#heard.promise.then(() => resolve(true))
    return promise.finally(() => clearTimeout(timer))
  }

  /** Ends all as an operator would; returns how each ended. */
  async end(): Promise<(number | NodeJS.Signals)[]> {
    this.#ending = true
    for (const pipeline of this.#running) pipeline.kill('SIGTERM')
    await Promise.all(this.#keepers)
    return Promise.all(this.#running.map(({ ended }) => ended))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending = true
    await Promise.all(this.#running.map((pipeline) => pipeline[Symbol.asyncDispose]()))
  }

  async #keep(index: number, environment: Readonly<Record<string, string>>): Promise<void> {
    while (!this.#ending) {
      const pipeline = spawnSluice(['pipeline', '--bundle-messages', '250'], environment)
      this.#running[index] = pipeline
      for await (const line of pipeline.lines) this.#note(JSON.parse(line).messageIds)
      await pipeline.ended
    }
  }

  #note(messageIds: readonly string[]): void {
    for (const id of messageIds) this.durable.add(id)
    this.#heard.resolve()
    this.#heard = Promise.withResolvers()
  }
}
