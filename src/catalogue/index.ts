import { readdirSync } from 'node:fs'
import { deadLetters } from './dead-letters.ts'
import type { EventDefinition, TableDefinition } from './definition.ts'

export type { Column } from './columns.ts'
export { ddl } from './ddl.ts'
export { deadLetters } from './dead-letters.ts'
export type { Event, EventDefinition, TableDefinition } from './definition.ts'
export type { Customer, Product, SampleSource, Warehouse } from './sample-source.ts'
export { VALIDATION_REASONS, type Validated, type Violation, validate } from './validate.ts'

/** Every type of event, by name. A file in `events/` is all that a new one takes. */
export const events: ReadonlyMap<string, EventDefinition> = new Map(
  (await load()).map((definition) => [definition.type, definition]),
)

/** Every table of the events dataset. */
export const tables: readonly TableDefinition[] = [...events.values(), deadLetters]

async function load(): Promise<EventDefinition[]> {
  const folder = new URL('./events/', import.meta.url)
  const files = readdirSync(folder)
    .filter((name) => /(?<!\.d)\.[jt]s$/.test(name))
    .sort()
  const modules = await Promise.all(files.map((file) => import(new URL(file, folder).href)))
  return modules.map((module: { default: EventDefinition }) => module.default)
}
