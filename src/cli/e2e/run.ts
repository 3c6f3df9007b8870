import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { unlessInterrupted } from '../interrupted.ts'
import { UserError } from '../user-error.ts'
import { isGood, type Report, summary } from './report.ts'
import { runSteps } from './steps.ts'

export interface E2eOptions {
  readonly events: number
  readonly seed: number
  readonly keep?: string
  readonly json?: true
}

/** Runs, prints the report and sets the exit code. */
export async function run(options: E2eOptions): Promise<void> {
  const started = performance.now()
  const kept = options.keep === undefined ? undefined : await emptyFolder(options.keep)
  const folder = kept ?? (await mkdtemp(join(tmpdir(), 'sluice-e2e-')))
  try {
    const found = await unlessInterrupted(runSteps(options, folder))
    const seconds = (performance.now() - started) / 1_000
    const report: Report = { ...found, seconds, ...(kept && { kept }) }
    console.log(options.json ? JSON.stringify(report, null, 2) : `\n${summary(report)}`)
    process.exitCode = isGood(report) ? 0 : 1
  } finally {
    if (!kept) await rm(folder, { recursive: true, maxRetries: 10 }) // downloads may still end after one has failed
  }
}

async function emptyFolder(path: string): Promise<string> {
  const folder = resolve(path)
  await mkdir(folder, { recursive: true })
  if ((await readdir(folder)).length > 0)
    throw new UserError(`--keep needs an empty folder, and ${folder} is not empty.`)
  return folder
}
