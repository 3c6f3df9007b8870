import { createReadStream, existsSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { notFound } from '../../shared/index.ts'
import { type Blob, type Blobs, type BlobWriter, type Change, contentKey, type ObjectKey } from './blobs.ts'
import { Journal, readJournal } from './journal.ts'
import { lockFolder } from './lock.ts'
import { makeWay, type Place, removeEmptyFolder, removeFile } from './places.ts'
import { compacted, type Entry, replay } from './replay.ts'

/**
 * Objects as plain files: `{dataDir}/{bucket}/{name}`, for people and for DuckDB to read where they lie (see Place for
 * the names that cannot be). All else is in `{dataDir}/.sluice/`:
 * - `incoming/`: content that has not all arrived, or has no object yet; cleared at each start
 * - `journal`: every change, one JSON line each; rewritten at each start to what still holds
 * - `aside/`: content without a plain path
 * - `lock`: the process that uses the folder
 *
 * A change is committed by its line in the journal, after its content is safe in `incoming`; then one rename puts the
 * file in place. After a kill between the two, the next start renames. So what was acknowledged is there, and a file
 * with an object's name is always one whole generation of it. Uploads under way do not outlive the process.
 */
export function diskBlobs(dataDir: string): Blobs {
  return new DiskBlobs(resolve(dataDir))
}

class DiskBlobs implements Blobs {
  #root: string
  #journal: Journal
  #unlock: () => void
  #places = new Map<string, Place>()
  #recorded: Change[] = []
  #lastBlob = 0
  /** Those whose content has not all arrived. */
  #writers = new Set<DiskWriter>()

  constructor(root: string) {
    this.#root = root
    for (const folder of ['incoming', 'aside']) mkdirSync(this.#own(folder), { recursive: true })
    this.#unlock = lockFolder(this.#own('lock'))
    try {
      this.#journal = this.#recover()
      this.#clear()
    } catch (thrown) {
      this.#unlock()
      throw thrown
    }
  }

  recorded(): Iterable<Change> {
    const recorded = this.#recorded
    this.#recorded = []
    return recorded
  }

  create(): BlobWriter {
    const id = String(++this.#lastBlob)
    const writer: DiskWriter = new DiskWriter(this.#own('incoming', id), { id }, () => this.#writers.delete(writer))
    this.#writers.add(writer)
    return writer
  }

  discard({ id }: Blob): void {
    rmSync(this.#own('incoming', id), { force: true })
  }

  record(change: Change): void {
    const { bucket, name, record, content } = change
    if (name === undefined) this.#recordBucket(bucket, record)
    else if (record === undefined) this.#forgetObject({ bucket, name })
    else if (content === undefined) this.#journal.append({ bucket, name, record })
    else this.#putObject({ bucket, name }, record, content)
  }

  flushed(): Promise<void> {
    return this.#journal.flushed()
  }

  read(key: ObjectKey, start: number, end: number): Readable {
    if (start >= end) return Readable.from([])
    const path = this.#path(key, this.#places.get(contentKey(key)) ?? 'plain')
    if (!existsSync(path)) throw notFound(`The file of ${contentKey(key)} was removed from outside: ${path}`)
    return createReadStream(path, { fd: openSync(path, 'r'), start, end: end - 1 })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#writers].map((writer) => writer.discard()))
    await this.#journal.close()
    this.#unlock()
  }

  #recordBucket(bucket: string, record: object | undefined): void {
    this.#journal.append({ bucket, record })
    if (record === undefined) removeEmptyFolder(join(this.#root, bucket))
    else mkdirSync(join(this.#root, bucket), { recursive: true })
  }

  #forgetObject(key: ObjectKey): void {
    const place = this.#places.get(contentKey(key)) ?? 'plain'
    this.#journal.append({ ...key })
    this.#places.delete(contentKey(key))
    this.#remove(key, place)
  }

  #putObject(key: ObjectKey, record: object, { id }: Blob): void {
    const before = this.#places.get(contentKey(key))
    const isPlain = makeWay(join(this.#root, key.bucket), key.name, before === 'plain')
    const place: Place = isPlain ? 'plain' : { aside: id }
    this.#journal.append({ ...key, record, blob: id, ...(!isPlain && { aside: true }) })
    renameSync(this.#own('incoming', id), this.#path(key, place))
    this.#places.set(contentKey(key), place)
    if (before !== undefined && before !== 'plain') this.#remove(key, before)
  }

  #remove(key: ObjectKey, place: Place): void {
    removeFile(this.#path(key, place), place === 'plain' ? join(this.#root, key.bucket) : this.#own('aside'))
  }

  /** Reads the journal, finishes what a kill cut short, and writes the journal anew. */
  #recover(): Journal {
    const { live, removed, lastBlob } = replay(readJournal(this.#own('journal')) as Iterable<Entry>)
    this.#lastBlob = lastBlob
    if (removed) this.#finishRemoval(removed)
    for (const entry of live) this.#restore(entry)
    return Journal.write(this.#own('journal'), live.map(compacted))
  }

  #finishRemoval({ bucket, name, aside }: Entry): void {
    if (name === undefined) removeEmptyFolder(join(this.#root, bucket))
    else if (!aside) this.#remove({ bucket, name }, 'plain')
  }

  /** Content that no object has: a kill came before it had one, or after it had another. */
  #clear(): void {
    const used = new Set([...this.#places.values()].map((place) => (place === 'plain' ? '' : place.aside)))
    for (const left of readdirSync(this.#own('incoming'))) rmSync(this.#own('incoming', left))
    for (const left of readdirSync(this.#own('aside'))) if (!used.has(left)) rmSync(this.#own('aside', left))
  }

  #restore({ bucket, name, record, blob, aside }: Entry): void {
    this.#recorded.push({ bucket, record: record!, ...(name !== undefined && { name }) })
    if (name === undefined) return void mkdirSync(join(this.#root, bucket), { recursive: true })
    const key = { bucket, name }
    const place: Place = aside ? { aside: blob! } : 'plain'
    this.#places.set(contentKey(key), place)
    const arrived = blob && this.#own('incoming', blob)
    if (!arrived || !existsSync(arrived)) return
    mkdirSync(dirname(this.#path(key, place)), { recursive: true })
    renameSync(arrived, this.#path(key, place))
  }

  #path(key: ObjectKey, place: Place): string {
    return place === 'plain' ? join(this.#root, key.bucket, key.name) : this.#own('aside', place.aside)
  }

  #own(...path: string[]): string {
    return join(this.#root, '.sluice', ...path)
  }
}

class DiskWriter implements BlobWriter {
  #path: string
  #blob: Blob
  #file: Promise<FileHandle> | undefined
  #ended: () => void

  constructor(path: string, blob: Blob, ended: () => void) {
    this.#path = path
    this.#blob = blob
    this.#ended = ended
  }

  async write(bytes: Uint8Array): Promise<void> {
    const file = await this.#open()
    await file.appendFile(bytes)
  }

  async finish(): Promise<Blob> {
    const file = await this.#open()
    await file.datasync()
    await file.close()
    this.#ended()
    return this.#blob
  }

  async discard(): Promise<void> {
    const file = await this.#file?.catch(() => undefined) // it was never opened: nothing to close
    await file?.close()
    this.#ended()
    rmSync(this.#path, { force: true })
  }

  #open(): Promise<FileHandle> {
    this.#file ??= open(this.#path, 'wx')
    return this.#file
  }
}
