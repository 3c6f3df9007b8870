/**
 * Items that fall due at a time. Items of one time share a bucket, so a thousand leases granted together cost one entry
 * of the heap, and adding or removing an item is cheap however many there are.
 */
export class Schedule<Item> {
  #buckets = new Map<number, Set<Item>>()
  /** A binary heap of times, smallest first. A time may linger after its bucket is gone. */
  #times: number[] = []

  add(item: Item, time: number): void {
    const bucket = this.#buckets.get(time)
    if (bucket) return void bucket.add(item)
    this.#buckets.set(time, new Set([item]))
    this.#rise(time)
  }

  /** `time` is the one it was added with. */
  delete(item: Item, time: number): void {
    const bucket = this.#buckets.get(time)
    if (!bucket?.delete(item) || bucket.size > 0) return
    this.#buckets.delete(time)
    // Sorted numbers are a heap; rebuilding at twice the need keeps the cost of one removal constant on average.
    if (this.#times.length > 2 * this.#buckets.size + 64) this.#times = [...this.#buckets.keys()].sort((a, b) => a - b)
  }

  /** When the next item falls due. */
  next(): number | undefined {
    while (this.#times.length > 0 && !this.#buckets.has(this.#times[0]!)) this.#sink()
    return this.#times[0]
  }

  /** Removes what is due at `now`, earliest first, one by one: the caller may delete others on the way. */
  *takeDue(now: number): Generator<Item> {
    for (let time = this.next(); time !== undefined && time <= now; time = this.next()) {
      const bucket = this.#buckets.get(time)!
      for (const item of bucket) {
        bucket.delete(item)
        yield item
      }
      this.#buckets.delete(time)
    }
  }

  /** Removes the items that `wanted` does not hold for. */
  keep(wanted: (item: Item) => boolean): void {
    for (const [time, bucket] of this.#buckets) {
      for (const item of bucket) if (!wanted(item)) this.delete(item, time)
    }
  }

  /** In no order. */
  *[Symbol.iterator](): Generator<Item> {
    for (const bucket of this.#buckets.values()) yield* bucket
  }

  #rise(time: number): void {
    const heap = this.#times
    let at = heap.push(time) - 1
    for (let parent = (at - 1) >> 1; at > 0 && heap[parent]! > time; parent = (at - 1) >> 1) {
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = time
  }

  #sink(): void {
    const heap = this.#times
    const time = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++
      if (heap[child]! >= time) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = time
  }
}
