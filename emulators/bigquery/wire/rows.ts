import { renderDate, renderDatetime, renderTime } from '../model/civil.ts'
import { renderDecimal, SCALE } from '../model/decimal.ts'
import type { SqlType, StructField } from '../model/schema.ts'
import type { Interval, Row, Value } from '../model/value.ts'

/** formatOptions of tabledata.list, jobs.query and jobs.getQueryResults. */
export interface FormatOptions {
  /** TIMESTAMP as microseconds, not as seconds with a fraction. */
  readonly useInt64Timestamp: boolean
}

/** A cell as the REST API shows it: a text, null, a record or a list. */
export type Cell = string | null | { f: { v: Cell }[] } | { v: Cell }[]

/** `{ f: [{ v }, …] }` */
export const renderRow = (columns: readonly StructField[], row: Row, options: FormatOptions) => ({
  f: columns.map(({ type }, i) => ({ v: renderCell(type, row[i] ?? null, options) })),
})

function renderCell(type: SqlType, value: Value, options: FormatOptions): Cell {
  // The API does not tell a NULL array from an empty one.
  if (type.kind === 'ARRAY')
    return ((value ?? []) as Row).map((item) => ({ v: renderCell(type.element, item, options) }))
  if (value === null) return null
  if (type.kind === 'STRUCT') return renderRow(type.fields, value as Row, options)
  switch (type.kind) {
    case 'FLOAT64':
      return renderDouble(value as number)
    case 'NUMERIC':
    case 'BIGNUMERIC':
      return renderDecimal(value as bigint, SCALE[type.kind])
    case 'BYTES':
      return Buffer.from(value as Uint8Array).toString('base64')
    case 'DATE':
      return renderDate(value as number)
    case 'TIME':
      return renderTime(value as bigint)
    case 'DATETIME':
      return renderDatetime(value as bigint)
    case 'TIMESTAMP':
      return options.useInt64Timestamp ? String(value) : renderDouble(Number(value) / 1e6)
    case 'INTERVAL':
      return renderInterval(value as Interval)
    default:
      return String(value)
  }
}

/** The shortest digits that read back as the same double, in the form of the service: 1.0, 1.0E20, 1.7053146E9. */
function renderDouble(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) {
    const [digits, exponent] = value.toExponential().split('e') as [string, string]
    return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`
  }
  const text = Object.is(value, -0) ? '-0' : String(value)
  return text.includes('.') ? text : `${text}.0`
}

/** `Y-M D H:M:S.F` */
function renderInterval({ months, days, micros }: Interval): string {
  const [sign, size] = micros < 0n ? ['-', -micros] : ['', micros]
  const seconds = size / 1_000_000n
  const fraction = (size % 1_000_000n).toString().padStart(6, '0')
  const clock = `${seconds / 3600n}:${(seconds / 60n) % 60n}:${seconds % 60n}${fraction === '000000' ? '' : `.${fraction}`}`
  const [years, rest] = [Math.trunc(Math.abs(months) / 12), Math.abs(months) % 12]
  return `${months < 0 ? '-' : ''}${years}-${rest} ${days} ${sign}${clock}`
}
