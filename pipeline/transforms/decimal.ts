/**
 * The shortest decimal that names the double, never with an exponent: the one that the producer wrote. The catalogue
 * has seen to it that it has at most 9 digits after the point and is less than 10^15 in size.
 */
export function decimalText(value: number): string {
  const shortest = value.toString()
  return shortest.includes('e') ? value.toFixed(9).replace(/\.?0+$/, '') : shortest
}
