export { PATIENCE_MS, Settlement } from './settlement.ts'
export { type Stack, type StackOptions, startStack } from './stack.ts'
export { variablesOf } from './variables.ts'
