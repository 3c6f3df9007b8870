export interface FlightLimits {
  readonly flights: number
  readonly bytes: number
}

/** Publishes that are under way: how many, and who waits for one of them to land. */
export class Flights {
  #limits: FlightLimits
  #underWay = 0
  #bytes = 0
  #waiting: (() => void)[] = []

  constructor(limits: FlightLimits) {
    this.#limits = limits
  }

  /** `flight` must not reject. */
  add(flight: Promise<void>, bytes: number): void {
    this.#underWay += 1
    this.#bytes += bytes
    void flight.then(() => {
      this.#underWay -= 1
      this.#bytes -= bytes
      for (const wake of this.#waiting.splice(0)) wake()
    })
  }

  /** Waits until another one may start. */
  async room(): Promise<void> {
    while (this.#underWay >= this.#limits.flights || this.#bytes >= this.#limits.bytes) await this.#landing()
  }

  /** Waits for all of them. */
  async landed(): Promise<void> {
    while (this.#underWay > 0) await this.#landing()
  }

  #landing(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
