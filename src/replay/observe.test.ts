import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { manualClock } from '../../clock/index.ts'
import {
  compareOutputs,
  Findings,
  openFixture,
  readExpected,
  toLine,
  writeAbout,
  writeLines,
} from '../recording/index.ts'
import { startStack } from '../stack/index.ts'
import { type ObserveOptions, observe } from './observe.ts'

const FIXTURES = join(import.meta.dirname, '../../fixtures')

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** As `replay` does it with a large fixture. */
const inThreads: ObserveOptions = { speed: 0, patienceMs: 30_000, accounted: true, threads: true }

test.each([
  ['duplicates', {}],
  ['unicode-and-extremes', {}],
  ['late-and-out-of-order', { shiftTo: Date.parse('2030-01-01T00:00:00Z') }],
])(
  'in threads of their own the ends of the pipeline make of %s what is expected',
  async (name, options) => {
    const fixture = await openFixture(join(FIXTURES, name))
    await using stack = await startStack({ emulators: 'apart', tables: 'ready', tableManager: 'none' })
    const observed = await observe(fixture, stack, { ...inThreads, ...options }, newFolder())
    const findings = new Findings()
    await compareOutputs(await readExpected(fixture), observed.outputs, findings)
    expect(findings.all).toEqual([])
    expect(observed).toMatchObject({ unsettled: 0, reconciliation: { missing: [], duplicated: [] } })
  },
  60_000,
)

test('what the topic refuses is told from the thread that publishes, in the same words', async () => {
  const folder = newFolder()
  const message = { messageId: 'too-long', publishTime: '2024-01-15T10:30:00Z', offsetMs: 0, data: Buffer.from('{}') }
  const line = toLine({ ...message, attributes: { ['k'.repeat(300)]: 'v' } })
  const { sha256 } = await writeLines(join(folder, 'messages.ndjson'), [line])
  const { about } = await openFixture(join(FIXTURES, 'deployment-guide'))
  await writeAbout(folder, { ...about, counts: { messages: 1 }, hash: `sha256:${sha256}` })
  await using stack = await startStack({ emulators: 'apart', tables: 'ready', tableManager: 'none' })
  await expect(observe(await openFixture(folder), stack, inThreads, newFolder())).rejects.toMatchObject({
    name: 'FixtureError',
    message: expect.stringContaining('The topic refuses too-long'),
  })
}, 60_000)

test('emulators that are apart refuse what cannot reach them', async () => {
  await expect(startStack({ emulators: 'apart', clock: manualClock() })).rejects.toThrow('neither clock nor faults')
})
