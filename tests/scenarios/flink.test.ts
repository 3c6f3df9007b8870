import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FLINK_JARS } from '../../src/cli/pipeline/on-flink.ts'
import { runSluice, startBackend } from '../harness.ts'

const GUIDE = join(import.meta.dirname, '../../fixtures/deployment-guide')
const onFlink = ['pipeline', '--runner', 'flink']

const REPLAY = ['replay', GUIDE, '--runner', 'flink']
test.each([onFlink, REPLAY])('without the jars, `%s` on Flink tells what fetches them', async (...command) => {
  await using backend = await startBackend()
  const { exitCode, complaints } = await runSluice([...command, '--jars', '/nowhere'], backend.environment)
  expect([exitCode, complaints]).toEqual([
    2,
    "sluice: Beam's and Flink's jars are not in /nowhere: scripts/fetch-flink.sh fetches them (about 220 MB, from Maven Central).\n",
  ])
})

test('without Java the pipeline tells what to install', async () => {
  await using backend = await startBackend()
  const folder = await mkdtemp(join(tmpdir(), 'sluice-flink-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'beam-runners-flink-1.19-2.62.0.jar'), '')
  const environment = { ...backend.environment, PATH: folder }
  const { exitCode, complaints } = await runSluice([...onFlink, '--jars', folder], environment)
  expect(exitCode).toBe(2)
  expect(complaints).toContain('sluice: Java is not there: install Java 11 or 17')
})

test('what is for Flink alone is refused elsewhere', async () => {
  for (const command of [['pipeline'], ['replay', GUIDE]]) {
    const { exitCode, complaints } = await runSluice([...command, '--parallelism', '2'])
    expect([exitCode, complaints]).toEqual([2, 'sluice: --parallelism is for --runner flink alone.\n'])
  }
})

test('a replay runs here or on Flink, as its help says, and nowhere else', async () => {
  const { output } = await runSluice(['replay', '--help'])
  expect(output.replaceAll(/\s+/g, ' ')).toContain(
    '--runner <runner> runs the pipeline in this process, or on Apache Flink',
  )
  const { exitCode, complaints } = await runSluice(['replay', GUIDE, '--runner', 'nonsense'])
  expect(complaints).toContain("argument 'nonsense' is invalid. Allowed choices are local, flink.")
  expect(exitCode).toBe(2)
})

test('the pipeline looks for the jars of the version that is fetched', async () => {
  const pom = await readFile(join(import.meta.dirname, '../../scripts/flink/pom.xml'), 'utf8')
  expect(/^ {2}<version>(.*)<\/version>$/m.exec(pom)?.[1]).toBe(FLINK_JARS)
})
