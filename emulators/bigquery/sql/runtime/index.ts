import { dateFunctions } from './dates.ts'
import { floatFunctions } from './floats.ts'
import { formattingFunctions } from './format.ts'
import { forgiving, type ScalarFunction } from './function.ts'
import { integerFunctions } from './integers.ts'
import { jsonPathFunctions } from './jsonpath.ts'
import { numericFunctions } from './numerics.ts'
import { formatFunctions } from './strftime.ts'
import { parseFunctions } from './strptime.ts'
import { textFunctions } from './text.ts'

export type { RuntimeType, RuntimeValue, ScalarFunction } from './function.ts'

const functions: readonly ScalarFunction[] = [
  ...dateFunctions,
  ...floatFunctions,
  ...formatFunctions,
  ...formattingFunctions,
  ...integerFunctions,
  ...jsonPathFunctions,
  ...numericFunctions,
  ...parseFunctions,
  ...textFunctions,
]

/** All functions that the SQL of `compile` may call: each that may throw also as one that gives NULL instead. */
export const scalarFunctions: readonly ScalarFunction[] = [
  ...functions,
  ...functions.filter((f) => f.volatile).map(forgiving),
]
