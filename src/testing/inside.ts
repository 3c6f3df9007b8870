import type { Replayed } from '../replay/index.ts'
import type { OwnStack } from '../stack/index.ts'

/** What a stack keeps for the matchers, and does not show. */
export interface Inside {
  readonly own: OwnStack
  /** All that the topic has taken, by whomever, in that order. */
  readonly published: readonly Taken[]
  /** The fixtures that were replayed, by their folder. */
  readonly replayed: ReadonlyMap<string, Replayed>
}

export interface Taken {
  readonly message_id: string
  /** The attribute, or else the message id. */
  readonly event_id: string
}

/** The same for all copies of this module: a test and its setup may each load one. */
const INSIDE = Symbol.for('sluice.testing.stack')

export const keepInside = <Stack extends object>(stack: Stack, inside: Inside): Stack =>
  Object.defineProperty(stack, INSIDE, { value: inside })

/** `matcher` is who asks. */
export function insideOf(stack: unknown, matcher: string): Inside {
  const found = typeof stack === 'object' && stack !== null ? Reflect.get(stack, INSIDE) : undefined
  if (found) return found as Inside
  throw new TypeError(`${matcher}() takes what startStack() gave: await expect(stack).${matcher}(…)`)
}
