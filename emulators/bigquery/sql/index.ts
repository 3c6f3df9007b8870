export { compile } from './compile.ts'
export { runtimeError } from './runtime/errors.ts'
export { type RuntimeType, type RuntimeValue, type ScalarFunction, scalarFunctions } from './runtime/index.ts'
export type { CatalogView, CompiledStatement, CompileOptions, Parameter, Relation } from './statement.ts'
