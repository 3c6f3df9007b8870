import type { Terminal } from '../doctor/progress.ts'

const PATIENCE_MS = 1_000
const EVERY_MS = 200

/** Says on one line of a terminal how far something is, once it takes longer than a second. */
export class ProgressLine implements Disposable {
  readonly #terminal: Terminal
  readonly #text: () => string
  readonly #timers: NodeJS.Timeout[] = []
  #shown = false

  constructor(terminal: Terminal, text: () => string) {
    this.#terminal = terminal
    this.#text = text
    if (!terminal.isTTY) return
    this.#timers.push(
      setTimeout(() => {
        this.#show()
        this.#timers.push(setInterval(() => this.#show(), EVERY_MS))
      }, PATIENCE_MS),
    )
  }

  #show(): void {
    this.#terminal.write(`\r\x1b[K${this.#text()}`)
    this.#shown = true
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer)
    if (this.#shown) this.#terminal.write('\r\x1b[K')
  }
}
