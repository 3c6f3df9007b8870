import { showFloat } from './floats.ts'
import { define, total } from './function.ts'

const int64 = (value: bigint): bigint => {
  if (value < -(2n ** 63n) || value >= 2n ** 63n) throw new Error('int64 overflow')
  return value
}

export const integerFunctions = [
  define('int_div', ['INT64', 'INT64'], 'INT64', (a, b) => {
    if (b === 0n) throw new Error(`division by zero: DIV(${a}, ${b})`)
    return int64(a / b)
  }),
  define('int_mod', ['INT64', 'INT64'], 'INT64', (a, b) => {
    if (b === 0n) throw new Error(`division by zero: MOD(${a}, ${b})`)
    return a % b
  }),
  total('ieee_divide', ['FLOAT64', 'FLOAT64'], 'FLOAT64', (a, b) => a / b),
  total('bit_count', ['INT64'], 'INT64', (value) =>
    BigInt(BigInt.asUintN(64, value).toString(2).replaceAll('0', '').length),
  ),
  total('float_sign', ['FLOAT64'], 'FLOAT64', (value) => (Number.isNaN(value) ? value : Math.sign(value) + 0)),
  define('generate_floats', ['FLOAT64', 'FLOAT64', 'FLOAT64'], 'STRING', (start, end, step) => {
    if (step === 0) throw new Error('Sequence step cannot be 0.')
    const count = Math.floor((end - start) / step) + 1
    if (count > 1_000_000) throw new Error('Cannot generate arrays with more than 1000000 elements')
    return Array.from({ length: Math.max(count, 0) }, (_, i) => showFloat(start + i * step)).join(',')
  }),
]
