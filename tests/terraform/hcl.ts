import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const folder = join(import.meta.dirname, '../../terraform')

export const source = (path: string): string => readFileSync(join(folder, path), 'utf8')

/** What stands between the braces after `header`, which must be there once. No text of ours has braces in strings. */
export function block(text: string, header: string): string {
  const [, rest, ...more] = text.split(`${header} {\n`)
  if (rest === undefined || more.length > 0) throw new Error(`${header} is there ${more.length + (rest ? 1 : 0)} times`)
  let depth = 1
  const end = [...rest].findIndex((character) => {
    if (character === '{') depth++
    if (character === '}') depth--
    return depth === 0
  })
  return rest.slice(0, end)
}

/** The value of an argument as it is written, without quotes and comment. */
export function argument(text: string, name: string): string {
  const found = new RegExp(`^ *${name} *= (?:"([^"\\n]*)"|([^#\\n]*?)) *(?:#.*)?$`, 'm').exec(text)
  if (!found) throw new Error(`there is no ${name} in:\n${text}`)
  return found[1] ?? found[2] ?? ''
}

/** `60s`, in seconds. */
export const seconds = (duration: string): number => {
  if (!/^\d+s$/.test(duration)) throw new Error(`${duration} is not a number of seconds`)
  return Number(duration.slice(0, -1))
}
