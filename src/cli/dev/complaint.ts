/** The same again within so many milliseconds is not said again. */
const SAID_FOR_MS = 10_000
const MOST_REMEMBERED = 1_000

/** Turns what a part writes on standard error into lines for people. It is told what time it is. */
export class Complaints {
  readonly #part: string
  readonly #said = new Map<string, number>()

  constructor(part: string) {
    this.#part = part
  }

  /** Nothing where the line is for debugging only, or was said just now. */
  text(line: string, now: number): string | undefined {
    const text = inWords(line)
    if (text === undefined || now - (this.#said.get(text) ?? Number.NEGATIVE_INFINITY) < SAID_FOR_MS) return undefined
    if (this.#said.size >= MOST_REMEMBERED) this.#said.clear()
    this.#said.set(text, now)
    return `${this.#part} │ ${text}`
  }
}

function inWords(line: string): string | undefined {
  const entry = logEntry(line)
  if (!entry) return line
  if (entry.severity === 'DEBUG') return undefined
  const severity = entry.severity === 'INFO' ? '' : `${entry.severity}: `
  return `${severity}${entry.message}${entry.error?.message ? ` (${entry.error.message})` : ''}`
}

interface LogEntry {
  readonly severity: string
  readonly message: string
  readonly error?: { readonly message?: string }
}

function logEntry(line: string): LogEntry | undefined {
  if (!line.startsWith('{"severity":')) return undefined
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
