import type { Reconciliation } from '../outputs/index.ts'
import {
  compareOutputs,
  type Finding,
  Findings,
  type Fixture,
  FixtureError,
  hasExpected,
  type LinesByFile,
  readExpected,
  type Totals,
} from '../recording/index.ts'

/** What `sluice replay --json` prints for each fixture. */
export interface Verdict {
  readonly fixture: string
  readonly folder: string
  readonly messages: number
  readonly outcome: 'as expected' | 'different' | 'updated' | 'not updated'
  readonly findings: readonly Finding[]
  /** How many rows or lines each file was expected to have, and has. */
  readonly totals: Totals
  /** Messages that the pipeline never said to be durable. */
  readonly unsettled: number
  /** What Flink and its workers had to say, where there are such messages. */
  readonly complaints?: readonly string[]
  /** With `--update` alone: a run that lost something is no model for the next ones. */
  readonly reconciliation?: Reconciliation
  readonly seconds: number
}

/** What a comparison finds out. */
export type Judged = Omit<Verdict, 'fixture' | 'folder' | 'messages' | 'seconds'>

/** Throws a FixtureError when nobody has said yet what is expected. */
export function needsExpected(fixture: Fixture): void {
  if (hasExpected(fixture)) return
  throw new FixtureError(
    `${fixture.folder} has no expected/ yet: \`sluice replay --update ${fixture.folder}\` makes it, for you to read.`,
  )
}

/** Holds what a pipeline made of a fixture against its `expected/`. */
export async function judge(fixture: Fixture, outputs: LinesByFile, unsettled: number): Promise<Judged> {
  const findings = new Findings()
  await compareOutputs(await readExpected(fixture), outputs, findings)
  const outcome = findings.isEmpty && unsettled === 0 ? 'as expected' : 'different'
  return { outcome, findings: findings.all, totals: findings.totals, unsettled }
}
