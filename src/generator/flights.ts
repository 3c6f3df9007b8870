/** Publishes that are under way: how many, and who waits for one of them to land. */
export class Flights {
  #most: number
  #underWay = 0
  #waiting: (() => void)[] = []

  constructor(most: number) {
    this.#most = most
  }

  /** `flight` must not reject. */
  add(flight: Promise<void>): void {
    this.#underWay += 1
    void flight.then(() => {
      this.#underWay -= 1
      for (const wake of this.#waiting.splice(0)) wake()
    })
  }

  /** Waits until another one may start. */
  async room(): Promise<void> {
    while (this.#underWay >= this.#most) await this.#landing()
  }

  /** Waits for all of them. */
  async landed(): Promise<void> {
    while (this.#underWay > 0) await this.#landing()
  }

  #landing(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
