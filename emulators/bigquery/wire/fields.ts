import { invalidArgument, unimplemented } from '../../shared/index.ts'

/** What every method of Google's JSON APIs takes, to no effect here (cloud.google.com/apis/docs/system-parameters). */
const SYSTEM_PARAMETERS = ['prettyPrint', 'alt', 'key', 'quotaUser', 'userIp', 'fields', '$.xgafv', 'access_token']

/**
 * Reads a JSON object field by field. `end` refuses by name whatever was set and nobody read, so that no field of a
 * request is accepted and ignored. An absent field reads as undefined, one that is to be cleared as null.
 */
export class Fields {
  readonly #json: Readonly<Record<string, unknown>>
  readonly #where: string
  readonly #read = new Set<string>()

  /** `where` names the object in messages: `tables.insert`, `schema.fields`. */
  constructor(json: unknown, where: string) {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw invalidArgument(`Invalid value at '${where}': an object is expected.`)
    }
    this.#json = json as Record<string, unknown>
    this.#where = where
  }

  /** Of a query string: all values are texts. */
  static ofQuery(query: unknown, where: string): Fields {
    const fields = new Fields(query ?? {}, where)
    fields.skip(...SYSTEM_PARAMETERS)
    return fields
  }

  text(name: string): string | null | undefined {
    return this.#typed(name, (value) => (typeof value === 'string' ? value : undefined))
  }

  /** A text, or a number or boolean that some clients send in its place. */
  scalar(name: string): string | null | undefined {
    return this.#typed(name, (value) => (typeof value === 'object' ? undefined : String(value)))
  }

  /** A text that must be there. */
  needed(name: string): string {
    const value = this.text(name)
    if (!value) throw invalidArgument(`Required parameter is missing: ${name}`, { reason: 'required' })
    return value
  }

  /** int64 and int32 fields: a number, or its digits. */
  integer(name: string): number | null | undefined {
    return this.#typed(name, (value) =>
      /^-?\d{1,18}$/.test(String(value)) && typeof value !== 'object' ? Number(value) : undefined,
    )
  }

  /** An integer that counts something. */
  count(name: string): number | null | undefined {
    const value = this.integer(name)
    if (typeof value !== 'number' || value >= 0) return value
    const location = { type: 'parameter', name }
    throw invalidArgument(`Invalid value for ${name}: ${value} is less than 0.`, { location })
  }

  flag(name: string): boolean | null | undefined {
    return this.#typed(name, (value) =>
      /^(true|false)$/i.test(String(value)) ? /^true$/i.test(String(value)) : undefined,
    )
  }

  list(name: string): readonly unknown[] | null | undefined {
    return this.#typed(name, (value) => (Array.isArray(value) ? value : undefined))
  }

  texts(name: string): readonly string[] | null | undefined {
    return this.#typed(name, (value) =>
      Array.isArray(value) && value.every((item): item is string => typeof item === 'string') ? value : undefined,
    )
  }

  object(name: string): Fields | null | undefined {
    return this.#typed(name, (value) => new Fields(value, `${this.#where}.${name}`))
  }

  /** Any JSON value. */
  any(name: string): unknown {
    this.#read.add(name)
    return this.#json[name]
  }

  has(name: string): boolean {
    return isSet(this.#json[name])
  }

  /** Fields that change nothing: what the service itself fills in, and hints. */
  skip(...names: string[]): void {
    for (const name of names) this.#read.add(name)
  }

  end(): void {
    const unknown = Object.keys(this.#json).find((name) => !this.#read.has(name) && isSet(this.#json[name]))
    if (unknown) throw unimplemented(`${this.#where}.${unknown}`)
  }

  #typed<T>(name: string, parse: (value: unknown) => T | undefined): T | null | undefined {
    this.#read.add(name)
    const value = this.#json[name]
    if (value === null || value === undefined) return value
    const parsed = parse(value)
    if (parsed === undefined)
      throw invalidArgument(`Invalid value at '${this.#where}.${name}': ${JSON.stringify(value)}`)
    return parsed
  }
}

/** A field that has its default changes nothing. */
function isSet(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '') return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}
