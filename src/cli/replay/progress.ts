import type { Fixture } from '../../recording/index.ts'
import type { Settlement } from '../../stack/index.ts'
import { count } from '../../text.ts'

/** `dirty: 41 of 73 messages durable, 12 s` */
export class ReplayProgress {
  readonly #about: Fixture['about']
  readonly #started = performance.now()
  #settlement: Settlement | undefined

  constructor(about: Fixture['about']) {
    this.#about = about
  }

  /** From now on the stack is up. */
  of(settlement: Settlement): void {
    this.#settlement = settlement
  }

  get text(): string {
    const { name, counts } = this.#about
    const all = count(counts.messages)
    const state = this.#settlement ? `${count(this.#settlement.settled)} of ${all} messages durable` : 'starting'
    return `${name}: ${state}, ${Math.round((performance.now() - this.#started) / 1_000)} s`
  }
}
