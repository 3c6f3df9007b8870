import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { writeAbout } from './fixture.ts'
import { type About, FixtureError, nameOf, parseLine, type RecordedMessage, toLine, VOLATILE } from './format.ts'
import { writeLines } from './lines.ts'
import type { Redactor } from './redact.ts'
import { Sorter } from './sorted.ts'

/** From so many characters on messages are kept compressed. */
const LARGE = 10_000_000
/** A message that is delivered twice usually is so soon. */
const RECENT = 100_000

export interface CaptureOptions {
  readonly redactor?: Redactor
  /** From 0 to 1: which part of the events is kept, the same one each time. */
  readonly sample?: number
}

export type Tally = { kept: number; leftOut: number; masked: number }

/**
 * A fixture that is being recorded. It lies in `OUT.unfinished`, without a fixture.json, until it is complete; whatever
 * is found there is the rest of a recorder that was killed.
 */
export class Capture {
  readonly tally: Tally = { kept: 0, leftOut: 0, masked: 0 }
  readonly #out: string
  readonly #unfinished: string
  readonly #sorter: Sorter
  readonly #options: CaptureOptions
  readonly #recent = new Set<string>()
  #characters = 0

  private constructor(out: string, unfinished: string, options: CaptureOptions) {
    this.#out = out
    this.#unfinished = unfinished
    this.#options = options
    this.#sorter = new Sorter(unfinished)
  }

  /** Throws a FixtureError when there is something in the place of the fixture. */
  static async begin(folder: string, options: CaptureOptions): Promise<Capture> {
    const out = resolve(folder)
    if (existsSync(out)) throw new FixtureError(`${folder} exists: record into a folder that does not.`)
    const unfinished = `${out}.unfinished`
    await mkdir(dirname(out), { recursive: true })
    await mkdir(unfinished).catch((cause) => {
      throw new FixtureError(
        `${folder}.unfinished is there: another recorder writes to it, or one was killed; then remove it.`,
        { cause },
      )
    })
    return new Capture(out, unfinished, options)
  }

  /** Takes a message once, however often it is delivered. Resolves when the next one may come. */
  async add(message: RecordedMessage): Promise<void> {
    const { messageId } = message
    if (this.#recent.has(messageId)) return
    this.#recent.add(messageId)
    if (this.#recent.size > RECENT) this.#recent.delete(this.#recent.values().next().value!)
    if (!isSampled(nameOf(message), this.#options.sample)) {
      this.tally.leftOut++
      return
    }
    const { message: safe, masked } = this.#options.redactor?.redact(message) ?? { message, masked: false }
    this.tally.kept++
    if (masked) this.tally.masked++
    const line = JSON.stringify([withNanoseconds(safe.publishTime), messageId, toLine(safe)])
    this.#characters += line.length
    await this.#sorter.add(line)
  }

  /** Puts the messages into the order in which they were published, and the fixture into its place. */
  async finish(about: Pick<About, 'description' | 'source' | 'recorded_at'>): Promise<About> {
    const finished = join(this.#unfinished, 'finished')
    await mkdir(finished)
    const file = join(finished, this.#characters > LARGE ? 'messages.ndjson.gz' : 'messages.ndjson')
    const { lines, sha256 } = await writeLines(file, this.#messages())
    const { redactor, sample } = this.#options
    const { masked } = this.tally
    const complete: About = {
      name: basename(this.#out),
      ...about,
      counts: { messages: lines },
      hash: `sha256:${sha256}`,
      volatile: VOLATILE,
      ...(redactor && { redacted: [...redactor.paths] }),
      ...(masked > 0 && { masked }),
      ...(sample !== undefined && { sampled: sample }),
    }
    await writeAbout(finished, complete)
    await rename(finished, this.#out)
    await this.discard()
    return complete
  }

  discard(): Promise<void> {
    return rm(this.#unfinished, { recursive: true, force: true })
  }

  async *#messages(): AsyncGenerator<string> {
    let first: number | undefined
    let last = ''
    for await (const entry of this.#sorter.sorted()) {
      const [, messageId, line] = JSON.parse(entry) as [string, string, string]
      if (messageId === last) continue
      last = messageId
      const message = parseLine(line, messageId)
      const time = Date.parse(message.publishTime)
      first ??= time
      yield toLine({ ...message, offsetMs: time - first })
    }
  }
}

/** Of all recorders and at all times the same events. */
function isSampled(eventId: string, ratio = 1): boolean {
  return createHash('sha256').update(eventId).digest().readUIntBE(0, 6) < ratio * 2 ** 48
}

/** Texts of one length sort as the times do. */
const withNanoseconds = (time: string): string =>
  time.replace(/(?:\.(\d+))?Z$/, (_all, fraction = '') => `.${fraction.padEnd(9, '0')}Z`)
