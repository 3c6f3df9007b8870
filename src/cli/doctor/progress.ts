/** Where progress is shown: a terminal, on which a line can be written again. */
export interface Terminal {
  readonly isTTY?: boolean
  write(text: string): unknown
}

const PATIENCE_MS = 1_000
const EVERY_MS = 200
const LONGEST = 79

/** Says on one line which checks are still awaited, once that takes longer than a second. */
export class Progress implements Disposable {
  #waiting = new Set<string>()
  #ended = 0
  #timer: NodeJS.Timeout | undefined
  #shown = false
  readonly #terminal: Terminal

  constructor(terminal: Terminal) {
    this.#terminal = terminal
    if (!terminal.isTTY) return
    this.#timer = setTimeout(() => {
      this.#show()
      this.#timer = setInterval(() => this.#show(), EVERY_MS)
    }, PATIENCE_MS)
  }

  start(name: string): void {
    this.#waiting.add(name)
  }

  end(name: string): void {
    this.#waiting.delete(name)
    this.#ended++
  }

  #show(): void {
    const text = `${this.#ended} checks done, waiting for ${[...this.#waiting].join(', ')}`
    this.#terminal.write(`\r\x1b[K${text.length > LONGEST ? `${text.slice(0, LONGEST - 2)} …` : text}`)
    this.#shown = true
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    if (this.#shown) this.#terminal.write('\r\x1b[K')
  }
}
