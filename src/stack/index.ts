export { PATIENCE_MS, Settlement } from './settlement.ts'
export { type Stack, type StackOptions, startStack, variablesOf } from './stack.ts'
