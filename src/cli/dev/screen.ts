import { styleText } from 'node:util'

/** Where dev writes: lines that stay, and one line of figures. */
export interface Screen {
  /** How often new figures are wanted, in milliseconds. */
  readonly everyMs: number
  say(line: string): void
  figures(line: string): void
  /** Leaves nothing but whole lines. */
  end(): void
}

interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export const screenOn = (output: Output): Screen => (output.isTTY ? terminal(output) : log(output))

const ERASE_LINE = '\r\u001b[K'

/** The figures are the last line, and are written anew. */
function terminal(output: Output): Screen {
  let last = ''
  return {
    everyMs: 1_000,
    say: (line) => output.write(`${ERASE_LINE}${line}\n${last}`),
    figures(line) {
      // A line that wraps could not be erased.
      last = styleText('dim', line.slice(0, (output.columns ?? 80) - 1))
      output.write(`${ERASE_LINE}${last}`)
    },
    end() {
      last = ''
      output.write(ERASE_LINE)
    },
  }
}

/** Each line of figures stays, so the same one is not written twice. */
function log(output: Output): Screen {
  let last = ''
  return {
    everyMs: 2_000,
    say: (line) => output.write(`${line}\n`),
    figures(line) {
      if (line === last) return
      last = line
      output.write(`${line}\n`)
    },
    end() {},
  }
}
