const LARGEST_BLOCK = 512

/**
 * Names in UTF-8 byte order, in blocks of a few hundred: adding, removing and finding a place cost the logarithm of the
 * number of names, and a listing costs what it returns.
 */
export class SortedNames {
  #blocks: string[][] = []

  add(name: string): void {
    if (this.#blocks.length === 0) return void this.#blocks.push([name])
    const at = Math.min(this.#blockOf(name), this.#blocks.length - 1)
    const block = this.#blocks[at]!
    const place = firstNotBelow(block, name)
    if (block[place] === name) return
    block.splice(place, 0, name)
    if (block.length > LARGEST_BLOCK) this.#blocks.splice(at + 1, 0, block.splice(LARGEST_BLOCK / 2))
  }

  delete(name: string): void {
    const at = this.#blockOf(name)
    const block = this.#blocks[at]
    if (block === undefined) return
    const place = firstNotBelow(block, name)
    if (block[place] !== name) return
    block.splice(place, 1)
    if (block.length === 0) this.#blocks.splice(at, 1)
  }

  /** The first name at or after `bound`. */
  ceiling(bound: string): string | undefined {
    const block = this.#blocks[this.#blockOf(bound)]
    return block?.[firstNotBelow(block, bound)]
  }

  /** The first block whose last name is not below: the only one that may hold the name. */
  #blockOf(name: string): number {
    return binarySearch(this.#blocks.length, (index) => compareNames(this.#blocks[index]!.at(-1)!, name) >= 0)
  }
}

const firstNotBelow = (names: readonly string[], name: string) =>
  binarySearch(names.length, (index) => compareNames(names[index]!, name) >= 0)

/** The first index that holds, where all before it do not and all after it do. */
function binarySearch(length: number, holds: (index: number) => boolean): number {
  let low = 0
  for (let high = length; low < high; ) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * UTF-8 byte order, which is the order of code points. UTF-16 differs: its surrogates, which stand for the highest code
 * points, come before U+E000.
 */
export function compareNames(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length)
  for (let at = 0; at < shorter; at++) {
    const x = a.charCodeAt(at)
    const y = b.charCodeAt(at)
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

const rank = (unit: number) => (isSurrogate(unit) ? unit + 0x10000 : unit)
const isSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdfff

/** The least name above all that start with `prefix`; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = [...prefix]
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0)!
    if (point < 0x10ffff) return points.join('') + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1)
  }
  return undefined
}

/** The least name above `name`. */
export const afterName = (name: string) => `${name}\0`
