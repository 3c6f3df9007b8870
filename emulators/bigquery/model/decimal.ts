import { unimplemented } from '../../shared/index.ts'

/** Digits after the point: BigQuery's NUMERIC has 9; BIGNUMERIC has 18 here and 38 in the service (see physicalType). */
export const SCALE = { NUMERIC: 9, BIGNUMERIC: 18 } as const

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?$/i
const LIMIT = 10n ** 38n

/** BIGNUMERIC's own scale in the service, and the largest value times that. */
const BIG_SCALE = 38
const BIG_LIMIT = 2n ** 255n

/** A NUMERIC, or undefined: half away from zero where it has more than nine digits after the point. */
export const parseNumeric = (text: string): bigint | undefined => parseDecimal(text, SCALE.NUMERIC)

/** A BIGNUMERIC, or undefined. Throws UNIMPLEMENTED for one that only the service's 76 digits can hold. */
export function parseBigNumeric(text: string): bigint | undefined {
  const value = parseDecimal(text, BIG_SCALE, BIG_LIMIT)
  return value === undefined ? undefined : narrowed(value)
}

/** From the service's scale to the one here. */
export function narrowed(value: bigint): bigint {
  const surplus = 10n ** BigInt(BIG_SCALE - SCALE.BIGNUMERIC)
  const narrow = value / surplus
  if (narrow * surplus === value && narrow < LIMIT && narrow > -LIMIT) return narrow
  throw unimplemented('a BIGNUMERIC with more than 18 digits after the point or 20 before it')
}

/** A decimal number times 10^scale, half away from zero; undefined when it is not one or reaches the limit. */
export function parseDecimal(text: string, scale: number, limit = LIMIT): bigint | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text.trim()) ?? []
  if (whole + fraction === '') return undefined
  const shift = scale - fraction.length + Number(exponent)
  if (shift > 80) return BigInt(whole + fraction) === 0n ? 0n : undefined
  const digits = BigInt(whole + fraction)
  const scaled = shift >= 0 ? digits * 10n ** BigInt(shift) : divideRounding(digits, 10n ** BigInt(-shift))
  if (scaled >= limit) return undefined
  return sign === '-' ? -scaled : scaled
}

const divideRounding = (dividend: bigint, divisor: bigint) => (dividend + divisor / 2n) / divisor

/** Without trailing zeros, and without a point where there is no fraction. */
export function renderDecimal(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const fraction = digits.slice(-scale).replace(/0+$/, '')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}${fraction && `.${fraction}`}`
}
