/**
 * What programs of a team's own use of Sluice: clients for the backend that the settings name, the catalogue of events,
 * generated traffic, tables, and the judge of what the pipeline wrote.
 *
 * Starting things is elsewhere: emulators in `sluice/emulators`, the pipeline in `sluice/pipeline`, and all of it, for a
 * test, in `sluice/testing`.
 */

// Time as a dependency.
export { type Clock, type ManualClock, manualClock, systemClock } from '../clock/index.ts'
// Events: what they are, what counts as one, and the tables that they go to.
export {
  type Column,
  deadLetters,
  type Event,
  type EventDefinition,
  events,
  type TableDefinition,
  tables,
  type Validated,
  type Violation,
  validate,
} from './catalogue/index.ts'
// The backend.
export { type Clients, connect } from './clients.ts'
// Traffic from a seed.
export {
  type GeneratedMessage,
  generateMessages,
  type MessageOptions,
  malformed,
  publishTo,
  runScenario,
  type Scenario,
  type ScenarioOptions,
  type ScenarioResult,
  SeededSource,
  type Span,
  scenarios,
} from './generator/index.ts'
// What the pipeline wrote: fetched, asked in SQL, held against what was published.
export {
  type Collected,
  type CollectOptions,
  collectOutputs,
  type Discrepancy,
  type Extent,
  isReconciled,
  type OutputsDatabase,
  openOutputs,
  type PublishedMessage,
  type Reconciliation,
  type Row,
  reconcile,
  type Scope,
  writtenEvents,
} from './outputs/index.ts'
// Fixtures of real traffic.
export {
  type About,
  type Fixture,
  FixtureError,
  findFixtures,
  openFixture,
  publishMessages,
  type RecordedMessage,
} from './recording/index.ts'
export { type Provisioned, type ProvisionOptions, provision } from './resources.ts'
export {
  type Backend,
  type Endpoints,
  parseSettings,
  type ResourceNames,
  type Settings,
  SettingsError,
} from './settings.ts'
// Tables of BigQuery, brought to what the catalogue says.
export { type Applied, applyTables, type Planned, planTables } from './tables/index.ts'
