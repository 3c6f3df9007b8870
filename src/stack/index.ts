export { PATIENCE_MS, Settlement } from './settlement.ts'
export { type Stack, type StackOptions, type StartPipeline, startStack, variablesOf } from './stack.ts'
