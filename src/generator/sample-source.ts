import type { Faker } from '@faker-js/faker'
import type { Customer, SampleSource } from '../catalogue/index.ts'
import { seeded, type Universe, universe } from './universe.ts'

/** Odd, and about 2^48 divided by the golden ratio, so that neighbours look nothing alike. */
const ID_STEP = 0x9e3779b97f4bn

/** Draws from a universe; the same seed gives the same draws in the same order. */
export class SeededSource implements SampleSource {
  #faker: Faker
  #universe: Universe
  #time = 0
  #lastId: bigint
  #drawnCustomer: string | undefined

  constructor(seed: number) {
    this.#universe = universe(seed)
    this.#faker = seeded(seed)
    this.#lastId = BigInt(this.integer(0, 2 ** 48 - 1))
  }

  /** The event time, in milliseconds since the epoch, of the events made from now on. */
  setTime(time: number): void {
    this.#time = time
  }

  time(): string {
    return new Date(this.#time).toISOString()
  }

  integer(least: number, most: number): number {
    return this.#faker.number.int({ min: least, max: most })
  }

  /** From 0 to 1, 1 excluded. */
  fraction(): number {
    return this.#faker.number.float()
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.integer(0, items.length - 1)]!
  }

  /** Never the same one twice: steps of an odd size pass through all 2^48 numbers before they return. */
  id(prefix: string): string {
    this.#lastId = BigInt.asUintN(48, this.#lastId + ID_STEP)
    return `${prefix}-${this.#lastId.toString(16).padStart(12, '0')}`
  }

  customer() {
    return this.about(this.pick(this.#universe.customers))
  }

  /** The message that is made next is about this customer. */
  about(customer: Customer): Customer {
    this.#drawnCustomer = customer.id
    return customer
  }

  /** The id of the customer that was drawn since the last call, if any. */
  takeCustomer(): string | undefined {
    const id = this.#drawnCustomer
    this.#drawnCustomer = undefined
    return id
  }

  product() {
    return this.pick(this.#universe.products)
  }

  warehouse() {
    return this.pick(this.#universe.warehouses)
  }
}
