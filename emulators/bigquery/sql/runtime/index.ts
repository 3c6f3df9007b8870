import { dateFunctions } from './dates.ts'
import { floatFunctions } from './floats.ts'
import type { ScalarFunction } from './function.ts'
import { numericFunctions } from './numerics.ts'

export type { RuntimeType, RuntimeValue, ScalarFunction } from './function.ts'

/** All functions that the SQL of `compile` may call. */
export const scalarFunctions: readonly ScalarFunction[] = [...dateFunctions, ...floatFunctions, ...numericFunctions]
