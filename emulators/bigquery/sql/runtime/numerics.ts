import { define, total } from './function.ts'

const pattern = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,5}))?\s*$/

const limits = { 9: 10n ** 38n, 18: 10n ** 38n } as const
type Scale = keyof typeof limits

/** Decimal text as an integer at a scale, rounded half away from zero; undefined where it is no number. */
function scaled(text: string, scale: Scale, exact = false): bigint | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = pattern.exec(text) ?? []
  if (sign === undefined || whole + fraction === '') return undefined
  const shift = scale + Number(exponent) - fraction.length
  if (shift > 100) return /^0*$/.test(whole + fraction) ? 0n : limits[scale]
  const digits = BigInt(whole + fraction)
  if (exact && shift < 0 && digits % 10n ** BigInt(Math.min(-shift, 10_000)) !== 0n) return undefined
  const value =
    shift >= 0 ? digits * 10n ** BigInt(shift) : shift < -10_000 ? 0n : divideRounded(digits, 10n ** BigInt(-shift))
  return sign === '-' ? -value : value
}

/** Half away from zero. */
function divideRounded(a: bigint, b: bigint): bigint {
  const quotient = a / b
  const rest = a - quotient * b
  const up = 2n * (rest < 0n ? -rest : rest) >= (b < 0n ? -b : b)
  if (!up) return quotient
  return a < 0n === b < 0n ? quotient + 1n : quotient - 1n
}

function show(value: bigint, scale: Scale, what: string): string {
  const magnitude = value < 0n ? -value : value
  if (magnitude >= limits[scale]) throw new Error(what)
  const digits = magnitude.toString().padStart(scale + 1, '0')
  const fraction = digits.slice(-scale).replace(/0+$/, '')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}${fraction && `.${fraction}`}`
}

function parse(text: string, scale: Scale, name: string): string {
  const value = scaled(text, scale)
  if (value === undefined) throw new Error(`Invalid ${name} value: ${text}`)
  return show(value, scale, `Invalid ${name} value: ${text}`)
}

/** A NUMERIC in its shortest text, rounded to nine decimals. Throws what CAST reports. */
export const parseNumeric = (text: string): string => parse(text, 9, 'NUMERIC')

/** A BIGNUMERIC, of which this emulator keeps 18 decimals: more are refused, never cut off. */
export function parseBignumeric(text: string): string {
  const value = scaled(text, 18, true)
  if (value !== undefined) return show(value, 18, `unsupported: BIGNUMERIC of more than 20 integer digits: ${text}`)
  if (scaled(text, 18) === undefined) throw new Error(`Invalid BIGNUMERIC value: ${text}`)
  throw new Error(`unsupported: BIGNUMERIC of more than 18 decimals: ${text}`)
}

/** A NUMERIC as DuckDB writes it: always nine decimals, unless it came from elsewhere. */
function of(text: string): bigint {
  const dot = text.length - 10
  return text[dot] === '.' ? BigInt(text.slice(0, dot) + text.slice(dot + 1)) : scaled(text, 9)!
}

/**
 * What the functions below give: the value in units of the last decimal, as text. DuckDB reads an integer a hundred
 * times faster than a decimal.
 */
function units(value: bigint, what: string): string {
  if (value >= limits[9] || value <= -limits[9]) throw new Error(what)
  return String(value)
}

const unitsOf = (text: string, scale: Scale): string => String(scaled(text, scale)!)

const overflow = (operation: string) => `numeric overflow: ${operation}`

/** A double's value in full, as decimal text. */
export function exactDecimal(value: number): string {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const exponent = Number((bits >> 52n) & 0x7ffn)
  const mantissa = (bits & ((1n << 52n) - 1n)) | (exponent === 0 ? 0n : 1n << 52n)
  const power = Math.max(exponent, 1) - 1075
  const sign = bits >> 63n === 1n ? '-' : ''
  if (power >= 0) return `${sign}${mantissa << BigInt(power)}`
  const places = -power
  const digits = (mantissa * 5n ** BigInt(places)).toString().padStart(places + 1, '0')
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`
}

function roundAt(text: string, digits: bigint, mode: 'round' | 'trunc'): string {
  const value = of(text)
  if (digits >= 9n) return units(value, '')
  if (digits < -38n) return '0'
  const unit = 10n ** (9n - digits)
  const result = (mode === 'round' ? divideRounded(value, unit) : value / unit) * unit
  return units(result, overflow(`ROUND(${text}, ${digits})`))
}

const unit = 10n ** 9n
const floor = (value: bigint) => (value < 0n && value % unit !== 0n ? value / unit - 1n : value / unit) * unit

export const numericFunctions = [
  define('numeric', ['STRING'], 'STRING', (text) => unitsOf(parseNumeric(text), 9)),
  define('bignumeric', ['STRING'], 'STRING', (text) => unitsOf(parseBignumeric(text), 18)),
  define('numeric_multiply', ['STRING', 'STRING'], 'STRING', (a, b) =>
    units(divideRounded(of(a) * of(b), unit), overflow(`${a} * ${b}`)),
  ),
  define('numeric_divide', ['STRING', 'STRING'], 'STRING', (a, b) => {
    if (of(b) === 0n) throw new Error(`division by zero: ${show(of(a), 9, '')} / 0`)
    return units(divideRounded(of(a) * unit, of(b)), overflow(`${a} / ${b}`))
  }),
  define('numeric_mod', ['STRING', 'STRING'], 'STRING', (a, b) => {
    if (of(b) === 0n) throw new Error(`division by zero: MOD(${show(of(a), 9, '')}, 0)`)
    return units(of(a) % of(b), '')
  }),
  define('numeric_div', ['STRING', 'STRING'], 'STRING', (a, b) => {
    if (of(b) === 0n) throw new Error(`division by zero: DIV(${show(of(a), 9, '')}, 0)`)
    return units((of(a) / of(b)) * unit, overflow(`DIV(${a}, ${b})`))
  }),
  define('numeric_round', ['STRING', 'INT64'], 'STRING', (text, digits) => roundAt(text, digits, 'round')),
  define('numeric_trunc', ['STRING', 'INT64'], 'STRING', (text, digits) => roundAt(text, digits, 'trunc')),
  define('numeric_floor', ['STRING'], 'STRING', (text) => units(floor(of(text)), overflow(`FLOOR(${text})`))),
  define('numeric_ceil', ['STRING'], 'STRING', (text) => units(-floor(-of(text)), overflow(`CEIL(${text})`))),
  define('float_to_numeric', ['FLOAT64'], 'STRING', (value) => {
    if (!Number.isFinite(value))
      throw new Error(`Illegal conversion of non-finite floating point number to numeric: ${value}`)
    return units(scaled(exactDecimal(value), 9)!, `numeric out of range: ${value}`)
  }),
  define('float_to_bignumeric', ['FLOAT64'], 'STRING', (value) => unitsOf(parseBignumeric(String(value)), 18)),
  total('numeric_text', ['STRING'], 'STRING', (text) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)),
]

/** Decimal text (not negative) with so many decimals, ties to even: what C's printf makes of a double. */
export function roundHalfEven(text: string, decimals: number): string {
  const [whole = '0', fraction = ''] = text.split('.')
  const kept = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'))
  const rest = fraction.slice(decimals)
  const half = `5${'0'.repeat(Math.max(rest.length - 1, 0))}`
  const up = rest !== '' && (rest > half || (rest === half && kept % 2n === 1n))
  const digits = String(kept + (up ? 1n : 0n)).padStart(decimals + 1, '0')
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}

/** Whether a NUMERIC comes back the same from a double. */
export const survivesDouble = (text: string): boolean => scaled(exactDecimal(Number(text)), 9) === of(text)
