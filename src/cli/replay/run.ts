import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isReconciled } from '../../outputs/index.ts'
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
import { unlessInterrupted } from '../interrupted.ts'
import { refuseOtherBackends } from '../own-stack.ts'

export interface ReplayOptions extends Pick<ObserveOptions, 'speed' | 'shiftTo'> {
  readonly patience: number
  readonly update?: true
  readonly json?: true
}

/** Runs, prints each verdict and sets the exit code. */
export async function run(folders: readonly string[], options: ReplayOptions): Promise<void> {
  const started = performance.now()
  refuseOtherBackends()
  const fixtures = await openAll(folders, options)
  const verdicts: Verdict[] = []
  for (const fixture of fixtures) {
    const verdict = await unlessInterrupted(replayOne(fixture, options))
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

async function replayOne(fixture: Fixture, options: ReplayOptions): Promise<Verdict> {
  const started = performance.now()
  const work = await mkdtemp(join(tmpdir(), 'sluice-replay-'))
  try {
    const found = await runOne(fixture, options, work)
    const { about, folder } = fixture
    const seconds = (performance.now() - started) / 1_000
    return { fixture: about.name, folder, messages: about.counts.messages, ...found, seconds }
  } finally {
    await rm(work, { recursive: true, maxRetries: 10 })
  }
}

/** From so many messages on, threads save more time than they take to start. */
const LARGE = 10_000

async function runOne(fixture: Fixture, options: ReplayOptions, work: string): Promise<Judged> {
  const { speed, shiftTo, patience, update } = options
  const threads = fixture.about.counts.messages >= LARGE
  await using stack = await startStack({
    ...(threads && { emulators: 'apart' }),
    ...(!fixture.about.tables_without && { tables: 'ready', tableManager: 'none' }),
  })
  const { outputs, unsettled, reconciliation } = await observe(
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
  if (!reconciliation) return await judge(fixture, outputs, unsettled)
  const staged = await stageExpected(fixture, outputs)
  const findings = await changes(fixture, staged)
  const isModel = unsettled === 0 && isReconciled(reconciliation)
  await (isModel ? staged.commit() : staged.discard())
  const outcome = isModel ? 'updated' : 'not updated'
  return { outcome, findings: findings.all, totals: findings.totals, unsettled, reconciliation }
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
