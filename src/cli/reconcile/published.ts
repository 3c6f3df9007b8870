import { readFile } from 'node:fs/promises'
import type { PublishedMessage } from '../../outputs/index.ts'
import { UserError } from '../user-error.ts'

/** A message that somebody noted down when it was published. */
export interface Noted extends PublishedMessage {
  /** In milliseconds since the epoch; absent: long ago. */
  readonly time?: number
}

/** Reads NDJSON of `event_id`, and `publish_time` where it is known. Throws a UserError that names the line at fault. */
export async function readPublished(file: string): Promise<Noted[]> {
  const content = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new UserError(`--published ${file} cannot be read: ${cause.message}`, { cause })
  })
  return content.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [noted(line, `${file}:${i + 1}`)]))
}

function noted(line: string, where: string): Noted {
  const value = parsed(line)
  const event_id = value?.event_id
  if (typeof event_id !== 'string' || event_id === '') {
    throw new UserError(`${where} has no event_id: each line is to be such as {"event_id":"evt-1"}.`)
  }
  const time = Date.parse(String(value?.publish_time))
  return { event_id, ...(Number.isFinite(time) && { time }) }
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
