import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { MAIN } from '../itself.ts'

/** After that long it is ended for good: what it had not finished comes again. */
const END_PATIENCE_MS = 10_000

export interface PartOptions {
  /** A sluice command; `url` is where the part listened before, if it did. */
  readonly command: (url: URL | undefined) => readonly string[]
  readonly environment: Record<string, string | undefined>
  /** Lines on its standard output. */
  readonly onLine: (line: string) => void
  /** Lines on its standard error. */
  readonly onComplaint: (line: string) => void
  /** It ended though nobody asked it to. */
  readonly onEnd: (how: string) => void
}

/** A part of the stack in a process of its own, so that it can be started anew with changed sources. */
export class Part implements AsyncDisposable {
  readonly #options: PartOptions
  #child: ChildProcess | undefined
  #url: URL | undefined
  /** What is done with it is done one after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: PartOptions) {
    this.#options = options
  }

  /** Ends it, if it runs, and starts it; resolves when it is ready, or false when it ended before it was. */
  restart(): Promise<boolean> {
    return this.#inTurn(async () => {
      await this.#end()
      return this.#start()
    })
  }

  /** Where it listens, or listened last. */
  get url(): URL | undefined {
    return this.#url
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // One that is just starting is not waited for.
    this.#child?.kill('SIGTERM')
    await this.#inTurn(() => this.#end())
  }

  async #start(): Promise<boolean> {
    const { command, environment, onLine, onComplaint, onEnd } = this.#options
    // A group of its own: Ctrl+C reaches this process only, which then ends its parts in the right order.
    const child = fork(MAIN, command(this.#url), { env: environment, silent: true, detached: true })
    this.#child = child
    createInterface({ input: child.stdout! }).on('line', onLine)
    createInterface({ input: child.stderr! }).on('line', onComplaint)
    const ended = once(child, 'exit').then(([code, signal]) => {
      if (this.#child !== child) return
      this.#child = undefined
      onEnd(signal ? `was ended by ${signal}` : `ended with code ${code}`)
    })
    const ready = once(child, 'message').then(([{ url }]) => {
      if (url) this.#url = new URL(url)
      return true
    })
    return Promise.race([ready, ended.then(() => false)])
  }

  async #end(): Promise<void> {
    const child = this.#child
    if (!child) return
    this.#child = undefined
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), END_PATIENCE_MS)
    await ended.finally(() => clearTimeout(timer))
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => {})
    return result
  }
}
