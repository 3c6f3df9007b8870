import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { spawnSluice } from '../harness.ts'

const ROOT = join(import.meta.dirname, '../..')
const FREE_PORTS = ['generator', 'table-manager', 'pipeline', 'pubsub', 'storage', 'bigquery'].flatMap((name) => [
  `--${name}-port`,
  '0',
])

/** The sources in a folder of their own, so that they can be changed. */
function copyOfProject(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const part of ['clock', 'emulators', 'pipeline', 'src', 'package.json']) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

test('dev runs everything, shows what flows, restarts what changed, and ends with nothing left behind', async () => {
  const project = copyOfProject()
  await using dev = spawnSluice(['dev', ...FREE_PORTS], {}, project)
  const lines: string[] = []
  const output = dev.lines[Symbol.asyncIterator]()
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const { value, done } = await output.next()
      if (done) throw new Error(`dev ended: ${lines.join('\n')}\n${await dev.complaints}`)
      lines.push(value)
      const found = pattern.exec(value)
      if (found) return found
    }
  }

  const [, tables] = await until(/table manager +(http:\S+)/)
  const [, generator] = await until(/event generator +(http:\S+)/)
  await until(/Ctrl\+C/)
  const batch = { events_per_minute: 100, duration_minutes: 1, malformed_ratio: 0.1, duplicate_ratio: 0.1 }
  const published = await fetch(`${generator}/generate/batch`, {
    method: 'POST',
    body: JSON.stringify(batch),
    headers: { 'content-type': 'application/json' },
  })
  expect(published.status).toBe(200)
  const [, files] = await until(/ events 100 · files ([1-9]\d*) · dead letters 10 · backlog 0$/)
  expect(Number(files)).toBeGreaterThanOrEqual(4)

  appendFileSync(join(project, 'src/generator/universe.ts'), '\n// changed\n')
  await until(/^src\/generator\/universe.ts changed: restarting the generator/)
  await until(/^The generator is back after/)
  expect(lines.filter((line) => line.includes('restarting'))).toHaveLength(1)
  expect(await (await fetch(`${generator}/health`)).json()).toMatchObject({ status: 'ok' })

  dev.kill('SIGINT')
  expect(await dev.ended).toBe(0)
  expect(await dev.complaints).toBe('')
  for (const url of [tables, generator]) await expect(fetch(`${url}/health`)).rejects.toThrow()
}, 30_000)
