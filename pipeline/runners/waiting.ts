/** So much of messages. */
export interface Amount {
  readonly messages: number
  readonly bytes: number
}

/** Of all that may wait, what may wait for one lane: so that two that stand still leave room for the others. */
const SHARE = 0.5

/** Counts what waits outside of bundles, for each lane and in all, and says when it is too much. */
export class Waiting {
  readonly #most: Amount
  readonly #lanes = new Map<string, Amount>()
  #all: Amount = { messages: 0, bytes: 0 }

  constructor(most: Amount) {
    this.#most = most
  }

  /** False: there is no room, and nothing is counted. */
  take(lane: string, amount: Amount): boolean {
    const { messages, bytes } = this.#most
    const fits =
      isWithin(plus(this.#of(lane), amount), { messages: messages * SHARE, bytes: bytes * SHARE }) &&
      isWithin(plus(this.#all, amount), this.#most)
    if (fits) this.add(lane, amount)
    return fits
  }

  /** Counts it, whether there is room or not. */
  add(lane: string, amount: Amount): void {
    this.#lanes.set(lane, plus(this.#of(lane), amount))
    this.#all = plus(this.#all, amount)
  }

  leave(lane: string, { messages, bytes }: Amount): void {
    this.add(lane, { messages: -messages, bytes: -bytes })
    if (this.#of(lane).messages === 0) this.#lanes.delete(lane)
  }

  #of(lane: string): Amount {
    return this.#lanes.get(lane) ?? { messages: 0, bytes: 0 }
  }
}

const plus = (a: Amount, b: Amount): Amount => ({ messages: a.messages + b.messages, bytes: a.bytes + b.bytes })

const isWithin = (amount: Amount, most: Amount) => amount.messages <= most.messages && amount.bytes <= most.bytes
