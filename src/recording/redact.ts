import { type EventDefinition, events, validate } from '../catalogue/index.ts'
import { SeededSource } from '../generator/index.ts'
import { FixtureError, type RecordedMessage } from './format.ts'
import { editJson } from './json-text.ts'
import type { Pseudonyms } from './pseudonyms.ts'

/** Attributes that tell messages apart; without them a replay would be another one. */
const KEPT_ATTRIBUTES = ['event_id', 'event_type']

export interface Redacted {
  readonly message: RecordedMessage
  /** All of the data was replaced, since nothing can be found in it. */
  readonly masked: boolean
}

/**
 * Puts pseudonyms in place of what stands at these paths (`ip_address`, `shipping_address.street`, `items[].price`), and of
 * attributes of these names. Ordering keys, and attributes that repeat a redacted value, follow.
 */
export class Redactor {
  readonly paths: readonly string[]
  readonly #steps: readonly (readonly string[])[]
  readonly #pseudonyms: Pseudonyms

  /**
   * Throws a FixtureError for a path that no type of event has, unless it ends in `?`, and for one whose value cannot be
   * replaced by anything of which its event would still be one.
   */
  constructor(paths: readonly string[], pseudonyms: Pseudonyms) {
    this.paths = paths.map((path) => path.replace(/\?$/, ''))
    this.#steps = this.paths.map((path) => stepsOf(path.split('.')))
    this.#pseudonyms = pseudonyms
    const samples = new Map(events.values().map((definition) => [definition, sampleOf(definition)]))
    for (const path of paths) this.#check(path, samples)
  }

  redact(message: RecordedMessage): Redacted {
    const text = objectIn(message.data)
    if (text === undefined) return { message: this.#withoutData(message), masked: true }
    const values = new Map<string, string>()
    const data = Buffer.from(this.#redactJson(text, values))
    const attributes = this.#attributes(message, (name, value) => this.paths.includes(name) || values.has(value))
    return { message: { ...message, ...this.#orderingKey(message), attributes, data }, masked: false }
  }

  /** `values` takes the texts that were replaced. */
  #redactJson(json: string, values = new Map<string, string>()): string {
    return editJson(json, (path, token) => {
      const at = stepsOf(path)
      if (!this.#steps.some((steps) => areOnOneLine(steps, at))) return undefined
      if (token === 'null') return undefined
      if (token === 'true' || token === 'false') return 'false'
      if (!token.startsWith('"')) return this.#pseudonyms.number(token)
      const text = JSON.parse(token) as string
      const pseudonym = this.#pseudonyms.text(text)
      values.set(text, pseudonym)
      return JSON.stringify(pseudonym)
    })
  }

  #withoutData(message: RecordedMessage): RecordedMessage {
    const attributes = this.#attributes(message, (name) => !KEPT_ATTRIBUTES.includes(name) || this.paths.includes(name))
    return { ...message, ...this.#orderingKey(message), attributes, data: fillingFor(message.data) }
  }

  #attributes({ attributes }: RecordedMessage, isMeant: (name: string, value: string) => boolean) {
    const entries = Object.entries(attributes)
    return Object.fromEntries(
      entries.map(([name, value]) => [name, isMeant(name, value) ? this.#pseudonyms.text(value) : value]),
    )
  }

  #orderingKey({ orderingKey }: RecordedMessage) {
    return orderingKey === undefined ? {} : { orderingKey: this.#pseudonyms.text(orderingKey) }
  }

  #check(path: string, samples: ReadonlyMap<EventDefinition, string>): void {
    const steps = stepsOf(path.replace(/\?$/, '').split('.'))
    const having = [...samples].filter(([, sample]) => has(sample, steps))
    if (having.length === 0 && !path.endsWith('?')) {
      throw new FixtureError(
        `No type of event has ${path}, so nothing would be redacted. If it is a field that the catalogue does not know, or an attribute, write ${path}?`,
      )
    }
    for (const [definition, sample] of having) {
      const event: unknown = JSON.parse(this.#redactJson(sample))
      const valid = validate(definition, event)
      if (valid.ok && (event as { event_type: string }).event_type === definition.type) continue
      const why = valid.ok ? '' : `: ${valid.violations[0].path} ${valid.violations[0].message}`
      throw new FixtureError(`${path} cannot be redacted: the ${definition.type} would not be one any more${why}.`)
    }
  }
}

/** Steps into arrays are left out, so that `items.price` and `items[].price` are one. */
const stepsOf = (path: readonly string[]) => path.map((step) => step.replace(/\[\]$/, '')).filter((step) => step !== '')

/** A value below what is to be redacted, or one where an object that holds it should be. */
const areOnOneLine = (a: readonly string[], b: readonly string[]) =>
  a.length > 0 && b.length > 0 && a.slice(0, b.length).every((step, i) => step === b[i])

function sampleOf(definition: EventDefinition): string {
  const source = new SeededSource(1)
  source.setTime(0)
  return JSON.stringify(definition.sample(source))
}

function has(sample: string, steps: readonly string[]): boolean {
  let found = false
  editJson(sample, (path) => {
    const at = stepsOf(path)
    found ||= steps.length <= at.length && areOnOneLine(steps, at)
    return undefined
  })
  return found
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeUtf8(data: Buffer): string | undefined {
  try {
    return utf8.decode(data)
  } catch {
    return undefined
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    return undefined
  }
}

/** The text of a JSON object; undefined when the data is anything else. */
function objectIn(data: Buffer): string | undefined {
  const text = decodeUtf8(data)
  const value = text === undefined ? undefined : parse(text)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? text : undefined
}

/** As long as the data, and unfit for the same reason: no UTF-8, no JSON, or JSON that is no object. */
function fillingFor(data: Buffer): Buffer {
  const text = decodeUtf8(data)
  if (text === undefined) return Buffer.alloc(data.length, 0xff)
  if (parse(text) === undefined) return Buffer.alloc(data.length, 'x')
  return Buffer.from((data.length < 2 ? '0' : '[]').padEnd(data.length))
}
