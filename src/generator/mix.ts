export type Part = 'valid' | 'malformed' | 'repeated'

export interface MixOptions {
  /** Infinity for a mix without end, whose ratios hold on average. */
  readonly count: number
  /** From 0 to 1 each, and together. */
  readonly malformedRatio: number
  readonly duplicateRatio: number
  /** From 0 to 1, 1 excluded. */
  readonly fraction: () => number
}

/**
 * Which messages are malformed and which repeat another one, in a random order. With a count, there are as many of each
 * as the ratios say, to the message. Nothing is repeated before something valid was there.
 *
 * Throws a RangeError for a ratio that is none.
 */
export function* mix(options: MixOptions): Generator<Part> {
  const { count, malformedRatio, duplicateRatio, fraction } = options
  check('malformedRatio', malformedRatio)
  check('duplicateRatio', duplicateRatio)
  check('malformedRatio and duplicateRatio together', malformedRatio + duplicateRatio)
  const isEndless = count === Number.POSITIVE_INFINITY
  // Drawn without replacement, so that the last one is drawn when the messages end.
  const left = isEndless ? { malformed: malformedRatio, repeated: duplicateRatio, all: 1 } : quotas(options)
  let anyValid = false
  for (let i = 0; i < count; i++) {
    const part = partOf(fraction() * left.all, left, anyValid)
    anyValid ||= part === 'valid'
    if (!isEndless) {
      left.all -= 1
      if (part !== 'valid') left[part] -= 1
    }
    yield part
  }
}

interface Left {
  malformed: number
  repeated: number
  all: number
}

function quotas({ count, malformedRatio, duplicateRatio }: MixOptions): Left {
  const malformed = Math.round(count * malformedRatio)
  const most = Math.max(0, count - malformed - 1)
  return { malformed, repeated: Math.min(most, Math.round(count * duplicateRatio)), all: count }
}

function partOf(drawn: number, { malformed, repeated }: Left, anyValid: boolean): Part {
  if (drawn < malformed) return 'malformed'
  return drawn < malformed + repeated && anyValid ? 'repeated' : 'valid'
}

function check(name: string, ratio: number): void {
  if (!(ratio >= 0 && ratio <= 1)) throw new RangeError(`${name} must be from 0 to 1, not ${ratio}.`)
}
