import type { Findings } from './findings.ts'
import type { LinesByFile } from './outputs.ts'

/** Of one event. */
interface Lines {
  readonly expected: readonly string[]
  readonly actual: readonly string[]
}

/** Holds outputs against what was expected, both sorted, and notes every difference. Constant memory. */
export async function compareOutputs(expected: LinesByFile, actual: LinesByFile, findings: Findings): Promise<void> {
  const files = [...new Set([...expected.keys(), ...actual.keys()])].sort()
  for (const file of files) {
    await compareFile(file, side(expected.get(file)), side(actual.get(file)), findings)
  }
}

const side = (lines: AsyncIterable<string> | undefined) => new Side((lines ?? none())[Symbol.asyncIterator]())

async function* none(): AsyncGenerator<string> {}

async function compareFile(file: string, expected: Side, actual: Side, findings: Findings): Promise<void> {
  await expected.advance()
  await actual.advance()
  let lastSame: string | undefined
  while (expected.line !== undefined || actual.line !== undefined) {
    if (expected.line === actual.line) {
      findings.same(file)
      lastSame = expected.line
      await expected.advance()
      await actual.advance()
      continue
    }
    const [left, right] = [keyOf(expected.line), keyOf(actual.line)]
    const key = right === undefined || (left !== undefined && left <= right) ? left! : right
    const sides = { expected: await expected.take(key), actual: await actual.take(key) }
    compareEvent(file, sides, sides.expected.length > 0 || keyOf(lastSame) === key, findings)
  }
}

/** All lines of one event on both sides. Those that are the same belong together, and what is left in its order. */
function compareEvent(file: string, { expected, actual }: Lines, isExpected: boolean, findings: Findings): void {
  const others = [...actual]
  const missing = expected.filter((line) => {
    const at = others.indexOf(line)
    if (at < 0) return true
    others.splice(at, 1)
    findings.same(file)
    return false
  })
  for (let i = 0; i < Math.max(missing.length, others.length); i++) {
    if (others[i] === undefined) findings.missing(file, missing[i]!)
    else if (missing[i] !== undefined) findings.different(file, missing[i]!, others[i]!)
    else if (isExpected) findings.repeated(file, others[i]!)
    else findings.extra(file, others[i]!)
  }
}

const KEY = /^\{"event_id":("(?:[^"\\]|\\.)*")/

/** The event id as JSON text: no key is the beginning of another, so keys are in the order of the lines. */
const keyOf = (line: string | undefined): string | undefined =>
  line === undefined ? undefined : (KEY.exec(line)?.[1] ?? '')

class Side {
  line: string | undefined
  readonly #lines: AsyncIterator<string>

  constructor(lines: AsyncIterator<string>) {
    this.#lines = lines
  }

  async advance(): Promise<void> {
    const next = await this.#lines.next()
    this.line = next.done ? undefined : next.value
  }

  /** The lines of this event, from the current one on. */
  async take(key: string): Promise<string[]> {
    const taken: string[] = []
    while (this.line !== undefined && keyOf(this.line) === key) {
      taken.push(this.line)
      await this.advance()
    }
    return taken
  }
}
