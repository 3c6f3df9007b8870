/** Digits after the point: BigQuery's NUMERIC has 9; BIGNUMERIC has 18 here and 38 in the service (see physicalType). */
export const SCALE = { NUMERIC: 9, BIGNUMERIC: 18 } as const

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?$/i
const LIMIT = 10n ** 38n

/** A decimal number times 10^scale, half away from zero; undefined when it is not one or does not fit 38 digits. */
export function parseDecimal(text: string, scale: number): bigint | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text.trim()) ?? []
  if (whole + fraction === '') return undefined
  const shift = scale - fraction.length + Number(exponent)
  if (shift > 80) return BigInt(whole + fraction) === 0n ? 0n : undefined
  const digits = BigInt(whole + fraction)
  const scaled = shift >= 0 ? digits * 10n ** BigInt(shift) : divideRounding(digits, 10n ** BigInt(-shift))
  if (scaled >= LIMIT) return undefined
  return sign === '-' ? -scaled : scaled
}

const divideRounding = (dividend: bigint, divisor: bigint) => (dividend + divisor / 2n) / divisor

/** Without trailing zeros, and without a point where there is no fraction. */
export function renderDecimal(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const fraction = digits.slice(-scale).replace(/0+$/, '')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}${fraction && `.${fraction}`}`
}
