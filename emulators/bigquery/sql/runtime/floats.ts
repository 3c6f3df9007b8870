import { define, total } from './function.ts'

/** A double in the shortest of 15 or 17 digits that reads back as itself: what CAST to STRING shows. */
export function showFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf'
  if (value === 0) return '0'
  const digits = Number(value.toPrecision(15)) === value ? 15 : 17
  return general(value, digits)
}

/** C's %.{digits}g. */
function general(value: number, digits: number): string {
  const precision = Math.max(digits, 1)
  const [mantissa = '0', exponent = '0'] = value.toExponential(precision - 1).split('e')
  const power = Number(exponent)
  const trim = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)
  if (power < -4 || power >= precision) {
    return `${trim(mantissa)}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
  }
  return trim(value.toFixed(Math.max(0, precision - 1 - power)))
}

/** `1` and `1.5`, with `.0` where nothing else tells a FLOAT64 from an INT64. */
export const floatText = (value: number): string => {
  const text = showFloat(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}

const words: Record<string, number> = { inf: Infinity, infinity: Infinity, nan: Number.NaN }

export function parseFloat64(text: string): number {
  const trimmed = text.trim()
  const word = words[trimmed.toLowerCase().replace(/^[+-]/, '')]
  if (word !== undefined) return trimmed.startsWith('-') ? -word : word
  const valid = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed)
  if (!valid || !Number.isFinite(Number(trimmed))) throw new Error(`Bad double value: ${text}`)
  return Number(trimmed)
}

function parseInt64(text: string): bigint {
  const trimmed = text.trim()
  const [, sign, digits] = /^([+-]?)(0[xX][0-9a-fA-F]+|\d+)$/.exec(trimmed) ?? []
  if (digits === undefined) throw new Error(`Bad int64 value: ${text}`)
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits)
  if (value < -(2n ** 63n) || value >= 2n ** 63n) throw new Error(`Bad int64 value: ${text}`)
  return value
}

/** Finite operands must give a finite result. */
function checked(a: number, op: string, b: number, result: number): number {
  if (!Number.isFinite(result) && Number.isFinite(a) && Number.isFinite(b)) {
    throw new Error(`Floating point overflow in operation: ${showFloat(a)} ${op} ${showFloat(b)}`)
  }
  return result
}

/** A function of one double that must not leave its domain. */
const unary = (name: string, f: (x: number) => number, valid: (x: number) => boolean = () => true) =>
  define(name, ['FLOAT64'], 'FLOAT64', (x) => {
    if (Number.isNaN(x)) return x
    const result = f(x)
    if (!valid(x) || (Number.isNaN(result) && !Number.isFinite(x)))
      throw new Error(`Floating point error in function: ${name.toUpperCase()}(${showFloat(x)})`)
    if (!Number.isFinite(result) && Number.isFinite(x))
      throw new Error(`Floating point error in function: ${name.toUpperCase()}(${showFloat(x)})`)
    return result
  })

function roundHalfAway(value: number, digits: bigint): number {
  if (!Number.isFinite(value) || digits > 308n) return value
  const places = Number(digits)
  if (places === 0) return Math.sign(value) * Math.round(Math.abs(value))
  const factor = 10 ** Math.abs(places)
  const shifted = places > 0 ? value * factor : value / factor
  if (!Number.isFinite(shifted)) return value
  const rounded = Math.sign(shifted) * Math.round(Math.abs(shifted))
  const result = places > 0 ? rounded / factor : rounded * factor
  if (!Number.isFinite(result)) throw new Error(`Floating point overflow in function: ROUND`)
  return result
}

export const floatFunctions = [
  define('error', ['STRING'], 'STRING', (message) => {
    throw new Error(message)
  }),
  total('float_text', ['FLOAT64'], 'STRING', showFloat),
  define('parse_float', ['STRING'], 'FLOAT64', parseFloat64),
  define('parse_int', ['STRING'], 'INT64', parseInt64),
  define('float_add', ['FLOAT64', 'FLOAT64'], 'FLOAT64', (a, b) => checked(a, '+', b, a + b)),
  define('float_subtract', ['FLOAT64', 'FLOAT64'], 'FLOAT64', (a, b) => checked(a, '-', b, a - b)),
  define('float_multiply', ['FLOAT64', 'FLOAT64'], 'FLOAT64', (a, b) => checked(a, '*', b, a * b)),
  define('float_divide', ['FLOAT64', 'FLOAT64'], 'FLOAT64', (a, b) => {
    if (b === 0) throw new Error(`division by zero: ${showFloat(a)} / ${showFloat(b)}`)
    return checked(a, '/', b, a / b)
  }),
  define('float_to_int', ['FLOAT64'], 'INT64', (value) => {
    const rounded = Math.sign(value) * Math.round(Math.abs(value))
    if (!(rounded >= -(2 ** 63) && rounded < 2 ** 63))
      throw new Error(`Illegal conversion of out of range floating point number to int64: ${showFloat(value)}`)
    return BigInt(rounded)
  }),
  define('pow', ['FLOAT64', 'FLOAT64'], 'FLOAT64', (x, y) => {
    if (x === 1 || y === 0) return 1
    const result = Math.abs(x) === 1 && !Number.isFinite(y) && !Number.isNaN(y) ? 1 : x ** y
    const fails = !Number.isFinite(result) && Number.isFinite(x) && Number.isFinite(y)
    if (fails) throw new Error(`Floating point error in function: POW(${showFloat(x)}, ${showFloat(y)})`)
    return result
  }),
  define('float_round', ['FLOAT64', 'INT64'], 'FLOAT64', roundHalfAway),
  define('float_trunc', ['FLOAT64', 'INT64'], 'FLOAT64', (value, digits) => {
    if (digits === 0n) return Math.trunc(value)
    const factor = 10 ** Math.abs(Number(digits))
    const shifted = digits > 0n ? value * factor : value / factor
    if (!Number.isFinite(shifted)) return value
    return digits > 0n ? Math.trunc(shifted) / factor : Math.trunc(shifted) * factor
  }),
  unary('sqrt', Math.sqrt, (x) => x >= 0),
  unary('exp', Math.exp),
  unary('ln', Math.log, (x) => x > 0),
  unary('log10', Math.log10, (x) => x > 0),
  define('log', ['FLOAT64', 'FLOAT64'], 'FLOAT64', (x, base) => {
    if (Number.isNaN(x) || Number.isNaN(base)) return Number.NaN
    if (x <= 0 || base <= 0 || base === 1)
      throw new Error(`Floating point error in function: LOG(${showFloat(x)}, ${showFloat(base)})`)
    return base === 10 ? Math.log10(x) : base === 2 ? Math.log2(x) : Math.log(x) / Math.log(base)
  }),
  unary('cbrt', Math.cbrt),
  ...(['sin', 'cos', 'tan', 'atan', 'sinh', 'cosh', 'tanh', 'asinh'] as const).map((name) => unary(name, Math[name])),
  ...(['asin', 'acos'] as const).map((name) => unary(name, Math[name], (x) => Math.abs(x) <= 1)),
  unary('acosh', Math.acosh, (x) => x >= 1),
  unary('atanh', Math.atanh, (x) => Math.abs(x) < 1),
  unary('sec', (x) => 1 / Math.cos(x)),
  unary(
    'csc',
    (x) => 1 / Math.sin(x),
    (x) => x !== 0,
  ),
  unary(
    'cot',
    (x) => 1 / Math.tan(x),
    (x) => x !== 0,
  ),
  unary('sech', (x) => 1 / Math.cosh(x)),
  unary(
    'csch',
    (x) => 1 / Math.sinh(x),
    (x) => x !== 0,
  ),
  unary(
    'coth',
    (x) => 1 / Math.tanh(x),
    (x) => x !== 0,
  ),
  total('atan2', ['FLOAT64', 'FLOAT64'], 'FLOAT64', (y, x) => Math.atan2(y, x)),
]
