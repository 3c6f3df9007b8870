export { compile } from './compile.ts'
export { type ScalarFunction, scalarFunctions } from './runtime/index.ts'
export type { CatalogView, CompiledStatement, CompileOptions, Parameter, Relation } from './statement.ts'
