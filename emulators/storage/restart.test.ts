import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Storage } from '@google-cloud/storage'
import { expect, test } from 'vitest'
import { startStorage } from './index.ts'

const client = (port: number) =>
  new Storage({
    projectId: 'p',
    apiEndpoint: `http://127.0.0.1:${port}`,
    useAuthWithCustomEndpoint: false,
    retryOptions: { autoRetry: false },
  })

const CHILD = `
  import { startStorage } from '${import.meta.dirname}/index.ts'
  const { port } = await startStorage({ dataDir: process.argv[1] })
  process.stdout.write(String(port))
  setInterval(() => {}, 1_000_000)
`

test('what was acknowledged before a kill is there after it, and every file is whole', async ({ onTestFinished }) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'restart-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true }))
  const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [port] = await once(child.stdout, 'data')
  const [bucket] = await client(Number(port)).createBucket('a-bucket')

  const acknowledged = new Map<string, string>()
  const write = async (writer: number): Promise<never> => {
    for (let round = 0; ; round++) {
      const name = `writer-${writer}/${round % 7}`
      const content = `${name} ${round} `.repeat(5_000)
      acknowledged.delete(name) // either content may be there while this write is under way
      await bucket.file(name).save(content, { resumable: false })
      acknowledged.set(name, content)
      if (acknowledged.size > 20) child.kill('SIGKILL')
    }
  }
  const ended = once(child, 'exit')
  await Promise.allSettled([0, 1, 2, 3].map(write))
  await ended

  await using again = await startStorage({ dataDir })
  const restarted = client(again.port).bucket('a-bucket')
  expect(acknowledged.size).toBeGreaterThan(15)
  for (const [name, content] of acknowledged) {
    expect((await restarted.file(name).download())[0].toString()).toBe(content)
  }
  const [files] = await restarted.getFiles()
  for (const file of files) {
    const stored = readFileSync(join(dataDir, 'a-bucket', file.name))
    expect(stored.length).toBe(Number(file.metadata.size))
    expect((await file.download({ validation: 'md5' }))[0].equals(stored)).toBe(true)
  }
  for (let writer = 0; writer < 4; writer++) {
    const present = files.filter((file) => file.name.startsWith(`writer-${writer}/`)).length
    const onDisk = Array.from({ length: 7 }, (_, n) => join(dataDir, 'a-bucket', `writer-${writer}/${n}`)).filter(
      existsSync,
    )
    expect(onDisk.length).toBe(present)
  }
})

test('generations go on growing after a restart, and buckets keep what they are', async ({ onTestFinished }) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'restart-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true }))
  const clock = { now: () => 1_000_000, at: () => () => {} }
  const generation = async (name: string, port: number) => {
    const file = client(port).bucket('a-bucket').file(name)
    await file.save('x', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } })
    return Number(file.metadata.generation)
  }
  let first: number
  {
    await using emulator = await startStorage({ dataDir, clock })
    await client(emulator.port).createBucket('a-bucket', { labels: { a: 'b' } })
    first = await generation('x', emulator.port)
  }
  await using again = await startStorage({ dataDir, clock })
  expect(await generation('y', again.port)).toBeGreaterThan(first)
  await expect(generation('x', again.port)).rejects.toMatchObject({ code: 412 })
  const [metadata] = await client(again.port).bucket('a-bucket').getMetadata()
  expect(metadata).toMatchObject({ labels: { a: 'b' }, timeCreated: '1970-01-01T00:16:40.000Z' })
})
