/**
 * GoogleSQL for DuckDB: `compile` turns one statement into what DuckDB runs. Whoever runs it
 * - registers each of `scalarFunctions` under its name, as volatile where it says so, before the first statement;
 * - runs sessions with TimeZone UTC;
 * - passes the messages of DuckDB's errors to `runtimeError`, which has BigQuery's words for them.
 */
export { compile } from './compile.ts'
export { runtimeError } from './runtime/errors.ts'
export { type RuntimeType, type RuntimeValue, type ScalarFunction, scalarFunctions } from './runtime/index.ts'
export type { CatalogView, CompiledStatement, CompileOptions, Parameter, Relation } from './statement.ts'
