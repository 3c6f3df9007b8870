/** Digits behind the point that a BIGNUMERIC can have. */
const SCALE = 38

/**
 * A decimal without exponent or needless zeros: of `59.98`, `1E-9`, or `2999/50`, as which goccy's emulator sends what
 * stands inside a record. Throws when it is none of those, or has no exact text.
 */
export function decimalText(text: string): string {
  const [, sign, whole, fraction = '', exponent = '0'] =
    /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  if (whole !== undefined) return plain(sign === '-', BigInt(whole + fraction), fraction.length - Number(exponent))
  const [, numerator, denominator] = /^(-?\d+)\/([1-9]\d*)$/.exec(text) ?? []
  const scaled = BigInt(numerator ?? 1) * 10n ** BigInt(SCALE)
  if (denominator === undefined || scaled % BigInt(denominator) !== 0n) throw new Error(`${text} is not a decimal.`)
  const quotient = scaled / BigInt(denominator)
  return plain(quotient < 0n, quotient < 0n ? -quotient : quotient, SCALE)
}

/** `digits` × 10^-scale. */
function plain(negative: boolean, digits: bigint, scale: number): string {
  const text = String(scale < 0 ? digits * 10n ** BigInt(-scale) : digits).padStart(scale + 1, '0')
  const point = text.length - Math.max(scale, 0)
  const fraction = text.slice(point).replace(/0+$/, '')
  return `${negative && digits !== 0n ? '-' : ''}${text.slice(0, point)}${fraction && `.${fraction}`}`
}
