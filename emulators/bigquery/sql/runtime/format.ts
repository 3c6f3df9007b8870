import { floatText, showFloat } from './floats.ts'
import { total } from './function.ts'
import { quoteJson } from './json.ts'
import { exactDecimal, roundHalfEven, survivesDouble } from './numerics.ts'

/** One specifier of FORMAT, as in C: `%-+ 0'10.2f`. */
interface Spec {
  readonly flags: string
  readonly width: number
  readonly precision: number | undefined
  readonly type: string
}

export const specifier = /%([-+ 0#']*)(\d*)(?:\.(\d*))?([a-zA-Z%])/g

function specOf(text: string): Spec {
  const [, flags, width, precision, type] = new RegExp(specifier.source).exec(text)!
  return {
    flags: flags!,
    width: Number(width || 0),
    precision: precision === undefined ? undefined : Number(precision || 0),
    type: type!,
  }
}

/** Sign, grouping and padding around the digits of a number. */
function dress(digits: string, negative: boolean, { flags, width }: Spec): string {
  const sign = negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  const [whole, rest] = [digits.replace(/[^\d].*$/, ''), digits.replace(/^\d+/, '')]
  const grouped = flags.includes("'") ? whole.replaceAll(/\B(?=(\d{3})+$)/g, ',') : whole
  const body = grouped + rest
  if (flags.includes('-')) return (sign + body).padEnd(width)
  if (flags.includes('0')) return sign + body.padStart(width - sign.length, '0')
  return (sign + body).padStart(width)
}

function formatInt(text: string, value: bigint): string {
  const spec = specOf(text)
  const magnitude = value < 0n ? -value : value
  const base = { x: 16, X: 16, o: 8 }[spec.type] ?? 10
  const digits = magnitude.toString(base)
  const prefixed = spec.flags.includes('#') && base !== 10 ? (base === 16 ? `0x${digits}` : `0${digits}`) : digits
  const shown = spec.type === 'X' ? prefixed.toUpperCase() : prefixed
  if (base === 10) return dress(shown.padStart(spec.precision ?? 0, '0'), value < 0n, spec)
  const signed = `${value < 0n ? '-' : ''}${shown}`
  if (spec.flags.includes('-')) return signed.padEnd(spec.width)
  return signed.padStart(spec.width, spec.flags.includes('0') ? '0' : ' ')
}

function formatFloat(text: string, value: number): string {
  const spec = specOf(text)
  const upper = spec.type === spec.type.toUpperCase()
  if (!Number.isFinite(value)) {
    const word = Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : spec.flags.includes('+') ? '+inf' : 'inf'
    const shown = upper ? word.toUpperCase() : word
    return spec.flags.includes('-') ? shown.padEnd(spec.width) : shown.padStart(spec.width)
  }
  const negative = value < 0 || Object.is(value, -0)
  const digits = digitsOf(Math.abs(value), spec)
  return dress(upper ? digits.toUpperCase() : digits, negative, spec)
}

function digitsOf(value: number, { type, precision = 6 }: Spec): string {
  const kind = type.toLowerCase()
  if (kind === 'f') return roundHalfEven(exactDecimal(value), precision)
  if (kind === 'e') return exponential(value, precision)
  const significant = Math.max(precision, 1)
  const [mantissa, power] = exponential(value, significant - 1).split('e') as [string, string]
  const trim = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)
  if (Number(power) < -4 || Number(power) >= significant) return `${trim(mantissa)}e${power}`
  return trim(roundHalfEven(exactDecimal(value), significant - 1 - Number(power)))
}

function exponential(value: number, digits: number): string {
  if (value === 0) return `${roundHalfEven('0', digits)}e+00`
  const decimal = exactDecimal(value)
  const [whole, fraction = ''] = decimal.split('.') as [string, string?]
  const all = `${whole}${fraction}`
  const first = all.search(/[1-9]/)
  const power = whole.length - 1 - first
  const mantissa = roundHalfEven(`${all[first]}.${all.slice(first + 1) || '0'}`, digits)
  const carried = mantissa.startsWith('10')
  const shown = carried ? roundHalfEven('1', digits) : mantissa
  const exponent = power + (carried ? 1 : 0)
  return `${shown}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

function formatString(text: string, value: string): string {
  const { flags, width, precision } = specOf(text)
  const all = [...value].slice(0, precision)
  const padding = ' '.repeat(Math.max(0, width - all.length))
  return flags.includes('-') ? all.join('') + padding : padding + all.join('')
}

const isSafe = (value: bigint) => value >= -(2n ** 53n) && value <= 2n ** 53n

export const formattingFunctions = [
  total('format_int', ['STRING', 'INT64'], 'STRING', formatInt),
  total('format_float', ['STRING', 'FLOAT64'], 'STRING', formatFloat),
  total('format_string', ['STRING', 'STRING'], 'STRING', formatString),
  total('float_text_t', ['FLOAT64'], 'STRING', floatText),
  total('json_of_string', ['STRING'], 'STRING', quoteJson),
  total('json_of_int', ['INT64'], 'STRING', (value) => (isSafe(value) ? String(value) : `"${value}"`)),
  total('json_of_float', ['FLOAT64'], 'STRING', (value) => {
    if (Number.isNaN(value)) return '"NaN"'
    return Number.isFinite(value) ? showFloat(value) : value < 0 ? '"-Infinity"' : '"Infinity"'
  }),
  total('json_of_numeric', ['STRING'], 'STRING', (text) => {
    const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text
    return survivesDouble(short) ? short : `"${short}"`
  }),
]
