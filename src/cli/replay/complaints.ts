const MOST = 5
/** What is in order, and where in whose code something was thrown. */
const LEFT_OUT = /^\{"severity":"(DEBUG|INFO)"|^\s*$|^\s+at |^Node\.js v/

/** The latest different complaints among the lines of a log. */
export class Complaints {
  readonly #last = new Set<string>()

  /** `line` is one of our own logs, or any text. */
  note(line: string): void {
    if (LEFT_OUT.test(line)) return
    const text = textOf(line.trim())
    this.#last.delete(text)
    this.#last.add(text)
    for (const oldest of this.#last) {
      if (this.#last.size <= MOST) return
      this.#last.delete(oldest)
    }
  }

  clear(): void {
    this.#last.clear()
  }

  get all(): readonly string[] {
    return [...this.#last]
  }
}

/** What src/log.ts has written, without what only programs need. */
function textOf(line: string): string {
  try {
    const { message, error } = JSON.parse(line) as { message: string; error?: { message?: string } }
    return error?.message ? `${message} ${error.message}` : message
  } catch {
    return line
  }
}
