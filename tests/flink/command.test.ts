import { execFileSync } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { WrittenReport } from '../../pipeline/index.ts'
import { generateMessages } from '../../src/generator/index.ts'
import { isReconciled } from '../../src/outputs/index.ts'
import { type Backend, reconciled, type SluiceProcess, spawnSluice, startBackend } from '../harness.ts'
import { JARS, publishAll, waiting } from './flink.ts'

const START = Date.parse('2024-01-15T10:30:00Z')
/** Longer than the pipeline's subscription lets a dead process keep its messages. */
const LEASE_MS = 10 * 60_000

const startPipeline = ({ environment }: Backend) =>
  spawnSluice(['pipeline', '--runner', 'flink', '--jars', JARS, '--checkpoint-seconds', '1'], environment)

/** Process ids of all that a process has started. */
function descendantsOf(pid: number): number[] {
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const below = (parent: number): number[] =>
    processes.filter(([, ppid]) => ppid === parent).flatMap(([child]) => [child!, ...below(child!)])
  return below(pid)
}

/** Resolves when none of them runs any more. */
async function allGone(pids: readonly number[]): Promise<void> {
  const runs = (pid: number) => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  while (pids.some(runs)) await pause(50)
}

/** Reads what the workers report until so many messages are left; returns what was running then. */
async function until({ pid, lines }: SluiceProcess, outstanding: Set<string>, left: number): Promise<number[]> {
  for await (const line of lines) {
    for (const id of (JSON.parse(line) as WrittenReport).messageIds) outstanding.delete(id)
    if (outstanding.size <= left) break
  }
  return descendantsOf(pid)
}

test('a pipeline that is killed with all of Flink, and started anew without its state, loses nothing and repeats nothing', async () => {
  await using backend = await startBackend({ start: START })
  const published = await publishAll(
    backend,
    generateMessages({
      seed: 7,
      count: 5_000,
      eventTimes: { from: START - 300_000, to: START },
      malformedRatio: 0.01,
      duplicateRatio: 0.02,
    }),
  )
  const outstanding = new Set(published.map(({ message_id }) => message_id))

  await using first = startPipeline(backend)
  const killed = await until(first, outstanding, 4_500)
  first.kill('SIGKILL')
  // Flink and a worker at the least, none of which was told.
  expect(killed.length).toBeGreaterThan(2)
  await allGone(killed)
  expect(outstanding.size).toBeGreaterThan(0)

  backend.clock.advance(LEASE_MS)
  await using second = startPipeline(backend)
  // Should Flink have gone back to a checkpoint by itself, what came since is still out.
  const again = setInterval(() => backend.clock.advance(LEASE_MS), 30_000)
  const ended = await until(second, outstanding, 0)
  clearInterval(again)
  await pause(3_000) // for the checkpoint that acknowledges
  second.kill('SIGTERM')
  expect(await second.ended).toBe(0)
  await allGone(ended)

  backend.clock.advance(LEASE_MS)
  expect(await waiting(backend)).toEqual({})
  const result = await reconciled(backend, published)
  expect(result.missing).toEqual([])
  expect(result.duplicated).toEqual([])
  expect(isReconciled(result)).toBe(true)
})
