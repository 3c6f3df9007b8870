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

/** Ties an implementation to its declared types; DuckDB's binder sees to it that the arguments have them. */
export function define<const P extends readonly RuntimeType[], R extends RuntimeType>(
  name: string,
  parameters: P,
  result: R,
  evaluate: (...args: ValuesOf<P>) => Values[R] | null,
): ScalarFunction {
  return { name: `gsql_${name}`, parameters, result, evaluate: (args) => evaluate(...(args as ValuesOf<P>)) }
}
