/** Writes protocol buffers, as protobuf.dev/programming-guides/encoding lays them out. Grows as needed; used again. */
export class ProtoBytes {
  #buffer: Buffer = Buffer.allocUnsafe(4096)
  #end = 0

  /** Takes out a copy of what was written, and starts anew. */
  take(): Buffer {
    const taken = Buffer.from(this.#buffer.subarray(0, this.#end))
    this.#end = 0
    return taken
  }

  /** An int32 or int64 field: a negative value takes ten bytes. */
  integer(field: number, value: bigint | number): void {
    this.#varint(field << 3)
    // Arithmetic with bigints costs memory at each step, and nearly all values are small enough to do without.
    const number = Number(value)
    if (number >= 0 && number <= Number.MAX_SAFE_INTEGER) this.#varint(number)
    else this.#varint64(BigInt.asUintN(64, BigInt(value)))
  }

  string(field: number, value: string): void {
    this.message(field, () => {
      this.#reserve(value.length * 3)
      this.#end += this.#buffer.write(value, this.#end, 'utf8')
    })
  }

  /** A length-delimited field that holds what `write` writes. */
  message(field: number, write: () => void): void {
    this.#varint((field << 3) | 2)
    // The length comes first but is known last: most often one byte is enough for it, else the content is moved.
    this.#reserve(1)
    const start = ++this.#end
    write()
    const length = this.#end - start
    const extra = varintLength(length) - 1
    if (extra > 0) {
      this.#reserve(extra)
      this.#buffer.copyWithin(start + extra, start, this.#end)
    }
    this.#end = start - 1
    this.#varint(length)
    this.#end += length
  }

  #varint(value: number): void {
    this.#reserve(10)
    let rest = value
    while (rest > 0x7f) {
      this.#buffer[this.#end++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#buffer[this.#end++] = rest
  }

  #varint64(value: bigint): void {
    this.#reserve(10)
    let rest = value
    while (rest > 0x7fn) {
      this.#buffer[this.#end++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.#buffer[this.#end++] = Number(rest)
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#end + bytes))
    this.#buffer.copy(larger, 0, 0, this.#end)
    this.#buffer = larger
  }
}

const varintLength = (value: number): number => {
  let length = 1
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) length++
  return length
}
