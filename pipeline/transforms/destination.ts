import { deadLetters, events, type TableDefinition } from '../../src/catalogue/index.ts'
import { type Micros, minuteOf } from './instant.ts'

/** Where dead letters go, as if it were a type of event. */
export const DEAD_LETTER = '_dead_letter'

/**
 * The folder of a type and a minute, `order/2024/01/15/10/30`: the key that everything is grouped by, and the unit of
 * exactly-once.
 */
export const folderOf = (type: string, time: Micros): string => `${type}/${minuteOf(time).replaceAll(/[-T:]/g, '/')}`

export interface Folder {
  readonly type: string
  /** `202401151030` */
  readonly minute: string
  readonly table: TableDefinition
}

/** Throws for a type that the catalogue does not have. */
export function readFolder(folder: string): Folder {
  const [type = '', ...parts] = folder.split('/')
  const table = type === DEAD_LETTER ? deadLetters : events.get(type)
  if (!table) throw new Error(`The folder ${folder} is of no type that the catalogue has.`)
  return { type, minute: parts.join(''), table }
}

/** When the folder's minute begins, in milliseconds since the Unix epoch. */
export function startOfFolder(folder: string): number {
  const [, year, month, day, hour, minute] = folder.split('/')
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:00Z`)
}

export const prefixOf = (folder: string): string => `output/${folder}/`

/** `output/order/2024/01/15/10/30/order_202401151030001.json` */
export function fileName(folder: string, sequence: number): string {
  const { type, minute } = readFolder(folder)
  return `${prefixOf(folder)}${type}_${minute}${String(sequence).padStart(3, '0')}.json`
}

/** The inverse of fileName; undefined for an object that the pipeline did not write. */
export function sequenceOf(folder: string, name: string): number | undefined {
  const { type, minute } = readFolder(folder)
  const start = `${prefixOf(folder)}${type}_${minute}`
  const sequence = name.startsWith(start) ? /^(\d{3,})\.json$/.exec(name.slice(start.length))?.[1] : undefined
  return sequence === undefined ? undefined : Number(sequence)
}

/** The folder that a file lies in. */
export const folderOfFile = (name: string): string => name.split('/').slice(1, -1).join('/')
