import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** How long a process that was asked to end may take before it is killed. */
const END_MS = 10_000

export interface ChildOptions {
  readonly onOutput?: (line: string) => void
  readonly onComplaint?: (line: string) => void
  /** All of its environment, where that is not this process's own. */
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/** A process that ends when this one does, however that ends: it finds its standard input closed. */
export class Child implements AsyncDisposable {
  /** Its exit code, or the signal that ended it. Rejects if it cannot be started. */
  readonly ended: Promise<number | NodeJS.Signals>
  readonly #process: ChildProcess

  constructor(
    [command, ...args]: readonly [string, ...string[]],
    { onOutput, onComplaint, environment }: ChildOptions,
  ) {
    // In a group of its own: Ctrl+C is for this process, which then ends the others in their order.
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true, env: environment })
    this.#process = child
    child.stdin.on('error', () => {}) // it has ended
    createInterface({ input: child.stdout }).on('line', (line) => onOutput?.(line))
    createInterface({ input: child.stderr }).on('line', (line) => onComplaint?.(line))
    // 'close' comes after the last of its output, 'exit' may come before.
    this.ended = once(child, 'close').then(([code, signal]) => code ?? signal)
    this.ended.catch(() => {}) // for whoever asks
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { pid } = this.#process
    if (pid === undefined) return
    const signal = (name: NodeJS.Signals) => {
      if (this.#process.exitCode === null && this.#process.signalCode === null) process.kill(-pid, name)
    }
    signal('SIGTERM')
    const killer = setTimeout(signal, END_MS, 'SIGKILL')
    await this.ended.catch(() => {})
    clearTimeout(killer)
  }
}
