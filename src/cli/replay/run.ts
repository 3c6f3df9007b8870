import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collectOutputs, isReconciled, openOutputs, type Reconciliation, reconcile } from '../../outputs/index.ts'
import {
  type CanonicalOutputs,
  canonicalOutputs,
  compareOutputs,
  type Difference,
  type Fixture,
  publishFixture,
  readExpected,
  readFixture,
  writeExpected,
} from '../../recording/index.ts'
import { inFigures } from '../e2e/report.ts'
import { unlessInterrupted } from '../interrupted.ts'
import { startStack } from '../stack.ts'
import { count, counted } from '../text.ts'

export interface ReplayOptions {
  readonly update?: true
  readonly json?: true
}

interface Verdict {
  readonly fixture: string
  readonly messages: number
  readonly reconciliation: Reconciliation
  readonly differences: readonly Difference[]
  readonly updated: boolean
}

/** Differences shown in full. */
const SHOWN = 20

/** Runs, prints each verdict and sets the exit code. */
export async function run(folders: readonly string[], options: ReplayOptions): Promise<void> {
  // All are read first: a fixture that cannot be used is known before anything starts.
  const fixtures = await Promise.all(folders.map(readFixture))
  const verdicts: Verdict[] = []
  for (const fixture of fixtures) {
    if (!options.json) console.log(`${fixture.name}: replaying ${counted(fixture.messages.length, 'message')} …`)
    const verdict = await replayOne(fixture, options.update === true)
    verdicts.push(verdict)
    if (!options.json) console.log(inWords(verdict))
  }
  if (options.json) console.log(JSON.stringify(verdicts, null, 2))
  process.exitCode = verdicts.every(isGood) ? 0 : 1
}

const isGood = ({ differences, reconciliation, updated }: Verdict) =>
  isReconciled(reconciliation) && (updated || differences.length === 0)

async function replayOne(fixture: Fixture, update: boolean): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-replay-'))
  try {
    const { actual, reconciliation } = await unlessInterrupted(observe(fixture, folder))
    const differences = compareOutputs(await readExpected(fixture.folder), actual)
    // A run that lost something is no model for the next ones.
    const updated = update && isReconciled(reconciliation)
    if (updated) await writeExpected(fixture.folder, actual)
    return {
      fixture: fixture.name,
      messages: fixture.messages.length,
      reconciliation,
      differences,
      updated,
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** What a fresh pipeline makes of the fixture. */
async function observe(
  fixture: Fixture,
  folder: string,
): Promise<{ actual: CanonicalOutputs; reconciliation: Reconciliation }> {
  await using stack = await startStack()
  const { clients, settings, settlement } = stack
  const topic = clients.pubsub.topic(settings.resources.topic)
  const renaming = await publishFixture(topic, fixture, (messageId) => settlement.publish(messageId))
  await stack.complete()
  await collectOutputs({ clients, settings, folder })
  using outputs = await openOutputs(folder)
  const ids = new Map([...renaming].map(([now, recorded]) => [recorded, now]))
  const published = fixture.messages.map(({ attributes, messageId }) => ({
    event_id: attributes.event_id || ids.get(messageId)!,
  }))
  return {
    actual: await canonicalOutputs(outputs, fixture, renaming),
    reconciliation: await reconcile(outputs, published),
  }
}

function inWords({ fixture, differences, reconciliation, updated }: Verdict): string {
  const summary = inFigures(reconciliation)
  if (updated)
    return `${fixture}: expected/ rewritten (${counted(differences.length, 'change')}); reconcile: ${summary}`
  if (differences.length === 0) return `${fixture}: as expected; reconcile: ${summary}`
  const lines = differences.slice(0, SHOWN).map((difference) => `  ${inOneLine(difference)}`)
  const more = differences.length - lines.length
  return [
    `${fixture}: ${counted(differences.length, 'difference')}; reconcile: ${summary}`,
    ...lines,
    ...(more > 0 ? [`  … and ${count(more)} more`] : []),
    '  If the new outputs are right, run the same command with --update.',
  ].join('\n')
}

function inOneLine({ file, event_id, kind, path, expected, actual }: Difference): string {
  if (kind !== 'different') return `${file} ${event_id}: ${kind}`
  return `${file} ${event_id}: ${path}: expected ${shown(expected)}, got ${shown(actual)}`
}

const shown = (value: unknown) => JSON.stringify(value) ?? 'nothing'
