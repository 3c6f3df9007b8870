import type { ScalarType } from '../../model/schema.ts'

/** A physical value: BOOL boolean, INT64 bigint, FLOAT64 number, STRING string, BYTES Uint8Array, or a list of them. */
export type RuntimeValue = boolean | bigint | number | string | Uint8Array | readonly RuntimeValue[] | null

export type RuntimeType =
  | Extract<ScalarType, 'BOOL' | 'INT64' | 'FLOAT64' | 'STRING' | 'BYTES'>
  | 'ARRAY<STRING>'
  | 'ARRAY<INT64>'

/**
 * A function that the engine registers with DuckDB under `gsql_<name>` before it runs what `compile` emits. It is
 * pure, and never sees NULL: DuckDB answers NULL where an argument is NULL. What it throws is the query's error.
 */
export interface ScalarFunction {
  readonly name: string
  readonly parameters: readonly RuntimeType[]
  readonly result: RuntimeType
  /**
   * Whether `evaluate` may throw. DuckDB must then be told that the function is volatile: otherwise it evaluates it for
   * all values of a stored dictionary, also for those whose rows a filter has dropped, and fails where BigQuery does not.
   */
  readonly volatile: boolean
  readonly evaluate: (args: readonly RuntimeValue[]) => RuntimeValue
}

interface Values {
  BOOL: boolean
  INT64: bigint
  FLOAT64: number
  STRING: string
  BYTES: Uint8Array
  'ARRAY<STRING>': readonly (string | null)[]
  'ARRAY<INT64>': readonly (bigint | null)[]
}

type ValuesOf<P extends readonly RuntimeType[]> = { [K in keyof P]: Values[P[K]] }

/** A function that may throw. DuckDB's binder sees to it that the arguments have the declared types. */
export function define<const P extends readonly RuntimeType[], R extends RuntimeType>(
  name: string,
  parameters: P,
  result: R,
  evaluate: (...args: ValuesOf<P>) => Values[R] | null,
): ScalarFunction {
  return { ...total(name, parameters, result, evaluate), volatile: true }
}

/** A function that has an answer for all arguments. */
export function total<const P extends readonly RuntimeType[], R extends RuntimeType>(
  name: string,
  parameters: P,
  result: R,
  evaluate: (...args: ValuesOf<P>) => Values[R] | null,
): ScalarFunction {
  return {
    name: `gsql_${name}`,
    parameters,
    result,
    volatile: false,
    evaluate: (args) => evaluate(...(args as ValuesOf<P>)),
  }
}

/** `gsql_try_<name>`: NULL where the function would throw. */
export const forgiving = (f: ScalarFunction): ScalarFunction => ({
  ...f,
  name: f.name.replace('gsql_', 'gsql_try_'),
  volatile: false,
  evaluate: (args) => {
    try {
      return f.evaluate(args)
    } catch {
      return null
    }
  },
})
