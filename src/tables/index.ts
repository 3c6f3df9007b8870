export { type Applied, applyTables, ensureTable, type Planned, planTables } from './apply.ts'
export { FUNCTION_NAME, type TableFunction, type TableFunctionOptions, tableFunction } from './function.ts'
export type { Counts, Handled, PushedMessage } from './handler.ts'
export { type LiveTable, type Plan, planTable } from './plan.ts'
/** Loads the Functions Framework, which is for a process of its own. */
export const loadFramework = () => import('./framework.ts')
export type { Change, Difference, LiveField } from './schema.ts'
export { pushUrl, startTableManager, type TableManager, type TableManagerOptions } from './server.ts'
