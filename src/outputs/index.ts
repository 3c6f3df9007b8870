export type { Disagreement } from './agreement.ts'
export { type Answer, askBoth } from './analytics.ts'
export { type Field, instantText, microsOf } from './cells.ts'
export { type Collected, type CollectOptions, collectOutputs, type Part } from './collect.ts'
export { type OutputsDatabase, openOutputs, type Row } from './database.ts'
export { decimalText } from './decimal.ts'
export {
  type Explorer,
  type ExplorerOptions,
  openExplorer,
  QueryError,
  type Result,
  type ResultColumn,
} from './explorer.ts'
export { DEAD_LETTER, type Extent, wholeMinutes } from './extent.ts'
export { temporaryPlace } from './place.ts'
export {
  type Discrepancy,
  isReconciled,
  type PublishedMessage,
  type Reconciliation,
  reconcile,
  writtenEvents,
} from './reconcile.ts'
export { canonicalRow } from './rows.ts'
export type { Scope } from './scope.ts'
export { tableRows } from './table-rows.ts'
export { type Complaints, complaintsOf, inFigures, missingInWords } from './words.ts'
