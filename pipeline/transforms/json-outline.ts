/** How a JSON text is built, told without building it. */
export interface JsonOutline {
  /** Members of all objects, a repeated one counted each time. */
  readonly members: number
  /** Objects and arrays inside one another, at most. */
  readonly depth: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** The text must be JSON already. */
export function outline(json: string): JsonOutline {
  let members = 0
  let depth = 0
  let deepest = 0
  for (let at = 0; at < json.length; at++) {
    switch (json.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(json, at)
        break
      case COLON:
        members++
        break
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth++
        if (depth > deepest) deepest = depth
        break
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth--
        break
    }
  }
  return { members, depth: deepest }
}

function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1)
  while (isEscaped(json, end)) end = json.indexOf('"', end + 1)
  return end
}

function isEscaped(json: string, at: number): boolean {
  let backslashes = 0
  while (json.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++
  return backslashes % 2 === 1
}

/** The members that a parsed value has, in all its objects. Fewer than in its text: a name was repeated. */
export function countMembers(value: unknown): number {
  let members = 0
  visit(value, (object) => {
    members += Array.isArray(object) ? 0 : Object.keys(object).length
  })
  return members
}

/** Half of a surrogate pair can be written in JSON as an escape, but no UTF-8 text can hold it. */
export function isWellFormed(value: unknown): boolean {
  let wellFormed = true
  const check = (text: unknown) => {
    if (typeof text === 'string' && !text.isWellFormed()) wellFormed = false
  }
  visit(value, (object) => {
    Object.keys(object).forEach(check)
    Object.values(object).forEach(check)
  })
  return wellFormed
}

/** Objects and arrays, outermost first; without recursion, so that depth is no danger. */
function visit(value: unknown, each: (object: object) => void): void {
  const waiting = [value]
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (typeof next !== 'object' || next === null) continue
    each(next)
    for (const inner of Object.values(next)) if (typeof inner === 'object') waiting.push(inner)
  }
}
