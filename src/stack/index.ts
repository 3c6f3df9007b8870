export type { Fault, FaultPlan, Message } from '../../emulators/index.ts'
export type { FailureReport, Log } from '../../pipeline/index.ts'
export { PATIENCE_MS, Settlement } from './settlement.ts'
export { type OwnStack, type Stack, type StackOptions, startStack, variablesOf } from './stack.ts'
