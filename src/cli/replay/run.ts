import { isReconciled, temporaryPlace } from '../../outputs/index.ts'
import {
  compareOutputs,
  Findings,
  type Fixture,
  FixtureError,
  findFixtures,
  hasExpected,
  openFixture,
  readExpected,
  type Staged,
  stageExpected,
} from '../../recording/index.ts'
import {
  inWords,
  type Judged,
  judge,
  needsExpected,
  type ObserveOptions,
  observe,
  summary,
  type Verdict,
} from '../../replay/index.ts'
import { startStack } from '../../stack/index.ts'
import { interrupted, unlessInterrupted } from '../interrupted.ts'
import { refuseOtherBackends } from '../own-stack.ts'
import { type FlinkChoices, refuseFlinkChoices } from '../pipeline/flink-choices.ts'
import { ProgressLine } from '../sql/progress.ts'
import { type FlinkForReplay, flinkForReplay } from './on-flink.ts'
import { ReplayProgress } from './progress.ts'

export interface ReplayOptions
  extends Pick<ObserveOptions, 'speed' | 'shiftTo'>,
    Pick<FlinkChoices, 'parallelism' | 'jars'> {
  readonly runner: keyof typeof PATIENCE_S
  readonly patience?: number
  readonly update?: true
  readonly json?: true
}

interface Replaying extends ReplayOptions {
  readonly flink?: FlinkForReplay
  readonly progress: ReplayProgress
  /** When the user ends it. */
  readonly ended: Promise<unknown>
}

/** Flink starts workers, and starts them again, in its own time. */
const PATIENCE_S = { local: 30, flink: 120 }

/** Runs, prints each verdict and sets the exit code. */
export async function run(folders: readonly string[], options: ReplayOptions): Promise<void> {
  const started = performance.now()
  refuseOtherBackends()
  if (options.runner !== 'flink') refuseFlinkChoices(options)
  const fixtures = await openAll(folders, options)
  await using flink = options.runner === 'flink' ? await flinkForReplay(options) : undefined
  const replaying = { ...options, ended: interrupted(), ...(flink && { flink }) }
  const verdicts: Verdict[] = []
  for (const fixture of fixtures) {
    const verdict = await watched(fixture, replaying)
    verdicts.push(verdict)
    if (!options.json) console.log(inWords(verdict))
  }
  const seconds = (performance.now() - started) / 1_000
  console.log(options.json ? JSON.stringify(verdicts, null, 2) : `\n${summary(verdicts, seconds)}`)
  process.exitCode = verdicts.every(({ outcome }) => outcome === 'as expected' || outcome === 'updated') ? 0 : 1
}

/** All are read first: a fixture that cannot be used is known before anything starts. */
async function openAll(folders: readonly string[], { update }: ReplayOptions): Promise<Fixture[]> {
  const fixtures: Fixture[] = []
  for (const folder of folders) {
    for (const found of await findFixtures(folder)) fixtures.push(await openFixture(found))
  }
  if (!update) for (const fixture of fixtures) needsExpected(fixture)
  return fixtures
}

/** Shows on a terminal how far the replay is, until it has ended or is interrupted. */
async function watched(fixture: Fixture, options: Omit<Replaying, 'progress'>): Promise<Verdict> {
  const progress = new ReplayProgress(fixture.about)
  using _line = new ProgressLine(process.stderr, () => progress.text)
  await using work = await temporaryPlace()
  return await unlessInterrupted(replayOne(fixture, { ...options, progress }, work.path), options.ended)
}

async function replayOne(fixture: Fixture, options: Replaying, work: string): Promise<Verdict> {
  const started = performance.now()
  const found = await runOne(fixture, options, work)
  const { about, folder } = fixture
  const seconds = (performance.now() - started) / 1_000
  return { fixture: about.name, folder, messages: about.counts.messages, ...found, seconds }
}

/** From so many messages on, threads save more time than they take to start. */
const LARGE = 10_000

async function runOne(fixture: Fixture, options: Replaying, work: string): Promise<Judged> {
  const { speed, shiftTo, runner, patience = PATIENCE_S[runner], update, flink, progress } = options
  const threads = fixture.about.counts.messages >= LARGE
  await using stack = await startStack({
    ...(threads && { emulators: 'apart' }),
    ...(!fixture.about.tables_without && { tables: 'ready', tableManager: 'none' }),
    ...(flink && { startPipeline: flink.startPipeline }),
  })
  progress.of(stack.settlement)
  const observed = await observe(
    fixture,
    stack,
    {
      speed,
      patienceMs: patience * 1_000,
      accounted: update === true,
      threads,
      ...(shiftTo !== undefined && { shiftTo }),
    },
    work,
  )
  const { outputs, unsettled, reconciliation } = observed
  const lost = { unsettled, ...(flink && unsettled > 0 && { complaints: flink.complaints.all }) }
  if (!reconciliation) return { ...(await judge(fixture, outputs, unsettled)), ...lost }
  const staged = await stageExpected(fixture, outputs)
  const findings = await changes(fixture, staged)
  const isModel = unsettled === 0 && isReconciled(reconciliation)
  await (isModel ? staged.commit() : staged.discard())
  const outcome = isModel ? 'updated' : 'not updated'
  return { outcome, findings: findings.all, totals: findings.totals, ...lost, reconciliation }
}

/** What an update changes; everything, where what was expected is not there or cannot be read. */
async function changes(fixture: Fixture, staged: Staged): Promise<Findings> {
  const findings = new Findings()
  try {
    await compareOutputs(hasExpected(fixture) ? await readExpected(fixture) : new Map(), staged.read(), findings)
    return findings
  } catch (thrown) {
    if (!(thrown instanceof FixtureError)) throw thrown
  }
  const all = new Findings()
  await compareOutputs(new Map(), staged.read(), all)
  return all
}
