import { camelCase, snakeCase } from '../../shared/index.ts'
import { Problem, type Read } from './scalar.ts'

/** How a message of google.protobuf looks in JSON, where it is not an object of its fields. */
export interface WellKnown {
  readonly read: Read
  /** Takes what `read` gives, or the message that protobufjs makes of it. */
  readonly write: (message: never) => unknown
}

interface Seconds {
  seconds: unknown
  nanos: number
}

const DURATION = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/
const LONGEST_SECONDS = 315_576_000_000
const TIMESTAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/

const duration: WellKnown = {
  read(json) {
    if (typeof json !== 'string') return new Problem()
    if (!json.endsWith('s')) return new Problem("Illegal duration format; duration must end with 's'")
    const [, sign, seconds, fraction = ''] = DURATION.exec(json) ?? []
    if (seconds === undefined || Number(seconds) > LONGEST_SECONDS) return new Problem('Illegal duration format')
    const of = (value: number) => (sign && value ? -value : value)
    return { seconds: of(Number(seconds)), nanos: of(toNanos(fraction)) }
  },
  write({ seconds, nanos }: Seconds) {
    const whole = Number(seconds ?? 0)
    const sign = whole < 0 || nanos < 0 ? '-' : ''
    return `${sign}${Math.abs(whole)}${fractionOf(Math.abs(nanos ?? 0))}s`
  },
}

const timestamp: WellKnown = {
  read(json) {
    if (typeof json !== 'string') return new Problem()
    const [, seconds, fraction = '', zone] = TIMESTAMP.exec(json) ?? []
    const ms = isOnTheClock(seconds) ? Date.parse(`${seconds}${zone}`) : Number.NaN
    if (Number.isNaN(ms)) return new Problem('Invalid time format: Failed to parse input')
    return { seconds: ms / 1_000, nanos: toNanos(fraction) }
  },
  write({ seconds, nanos }: Seconds) {
    const whole = new Date(Number(seconds ?? 0) * 1_000).toISOString().slice(0, -'.000Z'.length)
    return `${whole}${fractionOf(nanos ?? 0)}Z`
  },
}

/** Snake case is what the mask holds; clients send either. */
const fieldMask: WellKnown = {
  read(json) {
    if (typeof json !== 'string') return new Problem()
    const paths = json.split(',').map((path) => snakeCase(path.trim()))
    return { paths: paths.filter(Boolean) }
  },
  write: ({ paths }: { paths: string[] }) => paths.map(camelCase).join(','),
}

const struct: WellKnown = {
  read: (json) => (isPlainObject(json) ? readStruct(json) : new Problem()),
  write: (message: Struct) => writeStruct(message),
}

export const WELL_KNOWN: Readonly<Record<string, WellKnown>> = {
  '.google.protobuf.Duration': duration,
  '.google.protobuf.Timestamp': timestamp,
  '.google.protobuf.FieldMask': fieldMask,
  '.google.protobuf.Struct': struct,
}

export const isPlainObject = (json: unknown): json is Record<string, unknown> =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

/** Whether there is such a day and second: Date reads 30 February, and 24 o'clock, as times of the day after. */
function isOnTheClock(seconds: string | undefined): boolean {
  const ms = Date.parse(`${seconds}Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(`${seconds}.`)
}

const toNanos = (fraction: string) => Number(fraction.padEnd(9, '0'))

/** None, or 3, 6 or 9 digits. */
const fractionOf = (nanos: number) =>
  nanos === 0
    ? ''
    : `.${String(nanos)
        .padStart(9, '0')
        .replace(/(?:000){1,2}$/, '')}`

interface Struct {
  fields: Record<string, Value>
}

/** google.protobuf.Value: exactly one of these is set. */
interface Value {
  nullValue?: unknown
  numberValue?: number
  stringValue?: string
  boolValue?: boolean
  listValue?: { values: Value[] }
  structValue?: Struct
}

const readStruct = (json: Record<string, unknown>): Struct => ({
  fields: Object.fromEntries(Object.entries(json).map(([key, value]) => [key, readValue(value)])),
})

function readValue(json: unknown): Value {
  if (typeof json === 'number') return { numberValue: json }
  if (typeof json === 'string') return { stringValue: json }
  if (typeof json === 'boolean') return { boolValue: json }
  if (Array.isArray(json)) return { listValue: { values: json.map(readValue) } }
  return isPlainObject(json) ? { structValue: readStruct(json) } : { nullValue: 'NULL_VALUE' }
}

const writeStruct = ({ fields }: Struct): object =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, writeValue(value)]))

function writeValue({ numberValue, stringValue, boolValue, listValue, structValue }: Value): unknown {
  if (listValue) return listValue.values.map(writeValue)
  if (structValue) return writeStruct(structValue)
  return numberValue ?? stringValue ?? boolValue ?? null
}
