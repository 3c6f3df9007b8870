/** First in, first out, each operation in constant time however long it grows. */
export class Queue<Item> {
  #items: (Item | undefined)[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  first(): Item | undefined {
    return this.#items[this.#head]
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  shift(): Item | undefined {
    if (this.length === 0) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head++] = undefined // the queue must not keep alive what it gave away
    if (this.#head > 1_024 && this.#head * 2 > this.#items.length) this.#compact()
    return item
  }

  /** Puts items before all others, in their order. */
  unshift(items: readonly Item[]): void {
    this.#items.splice(0, this.#head, ...items)
    this.#head = 0
  }

  /** Keeps only the items that `wanted` holds for. */
  keep(wanted: (item: Item) => boolean): void {
    this.#items = this.#items.slice(this.#head).filter((item) => wanted(item as Item))
    this.#head = 0
  }

  *[Symbol.iterator](): Iterator<Item> {
    for (let i = this.#head; i < this.#items.length; i++) yield this.#items[i] as Item
  }

  #compact(): void {
    this.#items = this.#items.slice(this.#head)
    this.#head = 0
  }
}
