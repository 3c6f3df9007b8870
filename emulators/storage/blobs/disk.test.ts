import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Blobs } from './blobs.ts'
import { diskBlobs } from './disk.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'blobs-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

async function put(blobs: Blobs, name: string, content: string) {
  const writer = blobs.create()
  await writer.write(Buffer.from(content))
  blobs.record({ bucket: 'bucket', name, record: { name, size: content.length }, content: await writer.finish() })
}
const read = async (blobs: Blobs, name: string) =>
  Buffer.concat(await blobs.read({ bucket: 'bucket', name }, 0, 1_000).toArray()).toString()
const names = (blobs: Blobs) => [...blobs.recorded()].flatMap(({ name }) => name ?? [])
const plain = (name: string) => join(dataDir, 'bucket', name)

async function opened(): Promise<Blobs> {
  const blobs = diskBlobs(dataDir)
  if ([...blobs.recorded()].length === 0) blobs.record({ bucket: 'bucket', record: {} })
  return blobs
}

test('an object is a plain file where its name says, and no other file is beside it', async () => {
  await using blobs = await opened()
  await put(blobs, 'output/order/file.json', '{}')
  expect(readFileSync(plain('output/order/file.json'), 'utf8')).toBe('{}')
  expect(
    readdirSync(dataDir, { recursive: true })
      .filter((path) => !String(path).startsWith('.sluice'))
      .sort(),
  ).toEqual(['bucket', 'bucket/output', 'bucket/output/order', 'bucket/output/order/file.json'])
  blobs.record({ bucket: 'bucket', name: 'output/order/file.json' })
  expect(readdirSync(join(dataDir, 'bucket'))).toEqual([])
})

test('everything is there after a restart: buckets, objects, changed records and odd names', async () => {
  const odd = ['a', 'a/b', 'a//b', 'x/../../y', 'z/', `${'n'.repeat(300)}`, 'nul\0', '.']
  {
    await using blobs = await opened()
    for (const name of odd) await put(blobs, name, `content of ${name}`)
    await put(blobs, 'gone', 'x')
    blobs.record({ bucket: 'bucket', name: 'gone' })
    blobs.record({ bucket: 'bucket', name: 'a', record: { changed: true } })
  }
  await using again = diskBlobs(dataDir)
  const recorded = [...again.recorded()]
  expect(recorded[0]).toEqual({ bucket: 'bucket', record: {} })
  expect(recorded.flatMap(({ name }) => name ?? []).sort()).toEqual(odd.toSorted())
  expect(recorded.find(({ name }) => name === 'a')?.record).toEqual({ changed: true })
  for (const name of odd) expect(await read(again, name)).toBe(`content of ${name}`)
  expect(existsSync(join(dataDir, 'y'))).toBe(false)
})

test('a file that is no object is never overwritten or removed', async () => {
  await using blobs = await opened()
  mkdirSync(plain('mine'), { recursive: true })
  writeFileSync(plain('mine/notes.txt'), 'mine')
  await put(blobs, 'mine/notes.txt', 'the object')
  await put(blobs, 'mine', 'another')
  expect(await read(blobs, 'mine/notes.txt')).toBe('the object')
  expect(await read(blobs, 'mine')).toBe('another')
  for (const name of ['mine/notes.txt', 'mine']) blobs.record({ bucket: 'bucket', name })
  expect(readFileSync(plain('mine/notes.txt'), 'utf8')).toBe('mine')
})

test('old content does not stay behind, wherever it lay', async () => {
  await using blobs = await opened()
  for (const content of ['1', '2', '3']) {
    await put(blobs, 'plain', content)
    await put(blobs, 'aside//', content)
  }
  expect([readdirSync(join(dataDir, 'bucket')), readdirSync(own('aside')).length]).toEqual([['plain'], 1])
  for (const name of ['plain', 'aside//']) blobs.record({ bucket: 'bucket', name })
  expect([...readdirSync(join(dataDir, 'bucket')), ...readdirSync(own('aside'))]).toEqual([])
})

const own = (...path: string[]) => join(dataDir, '.sluice', ...path)
const journalLines = () => readFileSync(own('journal'), 'utf8').trimEnd().split('\n')

/** As after a kill: nothing is closed, and the folder lives on somewhere else. */
function killed(): void {
  const copy = mkdtempSync(join(tmpdir(), 'blobs-'))
  cpSync(dataDir, copy, { recursive: true })
  rmSync(dataDir, { recursive: true })
  dataDir = copy
  rmSync(own('lock')) // its process is this one, which lives
}

test.each(['plain', 'aside//'])(
  'a kill between the line in the journal and the rename loses nothing (%s)',
  async (name) => {
    {
      await using blobs = await opened()
      await put(blobs, name, 'old')
      const before = name === 'plain' ? plain(name) : own('aside', '1')
      copyFileSync(before, join(dataDir, 'old'))
      await put(blobs, name, 'new')
      const { blob } = JSON.parse(journalLines().at(-1)!)
      renameSync(name === 'plain' ? plain(name) : own('aside', blob), own('incoming', blob))
      renameSync(join(dataDir, 'old'), before)
      killed()
    }
    await using again = diskBlobs(dataDir)
    expect(names(again)).toEqual([name])
    expect(await read(again, name)).toBe('new')
    expect([...readdirSync(own('incoming')), ...readdirSync(own('aside'))].length).toBe(name === 'plain' ? 0 : 1)
  },
)

test('a kill between the line in the journal and the removal of the file leaves no file', async () => {
  {
    await using blobs = await opened()
    await put(blobs, 'a/b', 'x')
    blobs.record({ bucket: 'bucket', name: 'a/b' })
    mkdirSync(plain('a'))
    writeFileSync(plain('a/b'), 'x')
    killed()
  }
  await using again = diskBlobs(dataDir)
  expect(names(again)).toEqual([])
  expect(readdirSync(join(dataDir, 'bucket'))).toEqual([])
})

test('wherever a kill cuts the journal, a restart has what the whole lines say, and goes on from there', async () => {
  {
    await using blobs = await opened()
    for (const name of ['a', 'b', 'ü']) await put(blobs, name, name)
    killed()
  }
  const journal = readFileSync(own('journal'))
  const bucket = journal.indexOf('\n') + 1
  for (let length = bucket; length <= journal.length; length++) {
    writeFileSync(own('journal'), journal.subarray(0, length))
    const lines = journal.subarray(0, length).toString('latin1').split('\n').length - 1
    {
      await using blobs = diskBlobs(dataDir)
      expect(names(blobs)).toEqual(['a', 'b', 'ü'].slice(0, lines - 1))
      blobs.record({ bucket: 'bucket', name: 'a', record: { last: length } })
    }
    await using again = diskBlobs(dataDir)
    expect([...again.recorded()].find(({ name }) => name === 'a')?.record).toEqual({ last: length })
  }
})

test('content that no object got is gone after a restart', async () => {
  {
    await using blobs = await opened()
    await blobs.create().write(Buffer.from('half'))
    const writer = blobs.create()
    await writer.write(Buffer.from('whole, but nobody wanted it'))
    await writer.finish()
    expect(readdirSync(own('incoming')).length).toBe(2)
    killed()
  }
  await using _again = diskBlobs(dataDir)
  expect(readdirSync(own('incoming'))).toEqual([])
})

test('two emulators cannot use one folder', async () => {
  {
    await using _blobs = diskBlobs(dataDir)
    expect(() => diskBlobs(dataDir)).toThrow('give each emulator a dataDir of its own')
  }
  await using _again = diskBlobs(dataDir)
})

test('content that has not all arrived ends with the emulator, and leaves neither a file nor an open handle', async () => {
  const incoming = join(dataDir, '.sluice', 'incoming')
  {
    await using blobs = await opened()
    await blobs.create().write(Buffer.from('half of'))
    expect(readdirSync(incoming)).toHaveLength(1)
  }
  expect(readdirSync(incoming)).toEqual([])
})
