import { z } from 'zod'
import { type Column, columnsOf } from './columns.ts'
import type { SampleSource } from './sample-source.ts'

/** A table of the events dataset: all that its DDL and the table manager need. */
export interface TableDefinition {
  readonly table: string
  readonly description: string
  readonly columns: readonly Column[]
  /** A DATE column, always `event_date`. */
  readonly partitionBy: 'event_date'
  readonly clusterBy: readonly string[]
}

/** JSON that was checked against its definition. */
export type Event = { readonly event_type: string } & Readonly<Record<string, unknown>>

/** One type of event: everything that Sluice knows about it follows from here. */
export interface EventDefinition<Shape extends z.core.$ZodShape = z.core.$ZodShape> extends TableDefinition {
  readonly type: string
  readonly schema: z.ZodObject<{ event_type: z.ZodLiteral<string> } & Shape, z.core.$strict>
  /** The name of the field that holds the event time. */
  readonly eventTime: string
  /** A realistic event; the same source in the same state gives the same event. */
  sample(source: SampleSource): Event
}

/** What the pipeline adds to every event's own fields. */
const commonColumns = (eventTime: string): Column[] => [
  required('event_type', 'STRING', 'The type of the event, which decides its table.'),
  required(
    'event_id',
    'STRING',
    'Identifies the event: the message attribute event_id, or else the Pub/Sub message id.',
  ),
  required('event_time', 'TIMESTAMP', `When it happened, as the producer says: ${eventTime}.`),
  required('event_date', 'DATE', 'The UTC day of event_time; the partition.'),
  required('publish_time', 'TIMESTAMP', 'When Pub/Sub took the message.'),
  required('processed_at', 'TIMESTAMP', 'When the pipeline wrote this row.'),
]

export const required = (name: string, type: Column['type'], description: string): Column =>
  ({ name, type, mode: 'REQUIRED', description }) as Column

export interface EventOptions<Shape extends z.core.$ZodShape> {
  readonly type: string
  readonly table: string
  readonly description: string
  /** Up to four columns, the most selective first. */
  readonly clusterBy: readonly string[]
  readonly eventTime: keyof Shape & string
  /** The fields as producers send them, but for event_type. */
  readonly fields: Shape
  sample(source: SampleSource): z.infer<z.ZodObject<Shape, z.core.$strict>>
}

/** Defines a type of event. Throws when a column's name is taken twice, which would make the table impossible. */
export function defineEvent<Shape extends z.core.$ZodShape>(options: EventOptions<Shape>): EventDefinition<Shape> {
  const { type, table, description, clusterBy, eventTime, fields } = options
  const columns = [...commonColumns(eventTime), ...columnsOf(z.strictObject(fields))]
  const names = columns.map(({ name }) => name)
  const taken = names.find((name, i) => names.indexOf(name) < i)
  if (taken) throw new Error(`The event ${type} has a field ${taken}, which is the name of a column of every table.`)
  return {
    type,
    table,
    description,
    columns,
    partitionBy: 'event_date',
    clusterBy,
    eventTime,
    schema: z.strictObject({ event_type: z.literal(type), ...fields }),
    sample: (source) => ({ event_type: type, ...options.sample(source) }),
  }
}
