import { z } from 'zod'
import { type EventDefinition, events } from '../../catalogue/index.ts'
import { TASK_STATES } from '../task.ts'

const types = [...events.keys()]
const definitions: readonly EventDefinition[] = [...events.values()]

/** An event as producers send it, of any type of the catalogue. */
export const eventShape = z.union(definitions.map(({ type, schema }) => schema.meta({ id: `event_${type}` })))

export const eventTypeParams = z.object({
  event_type: z.enum(types, `There is no such event type: known are ${types.join(', ')}.`),
})

export const LARGEST_SEED = 2 ** 32 - 1
/** Ten thousand events a second: more than one process can make. */
const MOST_PER_MINUTE = 600_000
const MOST_EVENTS = 10_000_000

const seed = z.int().min(0).max(LARGEST_SEED)

export const sampleQuery = z.strictObject({
  seed: z.coerce.number().pipe(seed).optional().describe('The same seed gives the same event, but for its time.'),
})

/** `environment` is the one in which the service runs. */
const taskOptions = (environment: string) => ({
  seed: seed
    .optional()
    .describe('The same seed gives the same events, event ids included; a fresh one unless told otherwise.'),
  time_scale: z
    .number()
    .min(1)
    .max(10_000)
    .default(1)
    .describe(
      'How much faster than the clock it goes: 60 runs ten minutes in ten seconds, with event times of ten minutes. A batch is as fast as the topic takes it, whatever the scale.',
    ),
  ordering_key: z
    .literal('customer', 'is not customer')
    .optional()
    .describe('Publishes with the customer’s id as ordering key; events that are about no customer go without one.'),
  environment: z
    .literal(environment, `is not ${environment}, the environment that this service publishes to`)
    .optional()
    .describe('A safeguard: it must be the environment that the service publishes to.'),
})

export const scenarioBody = (environment: string) => z.strictObject(taskOptions(environment))

const ratio = (what: string) => z.number().min(0).max(1).default(0).describe(`Which part of the messages ${what}.`)

export const loadBody = (environment: string) =>
  z
    .strictObject({
      events_per_minute: z.number().positive().max(MOST_PER_MINUTE),
      duration_minutes: z.number().positive().max(1_440),
      event_types: z
        .array(z.enum(types, `is not one of ${types.join(', ')}`))
        .min(1)
        .refine((given) => new Set(given).size === given.length, 'names a type twice')
        .optional()
        .describe('All of them unless told otherwise, in equal parts.'),
      malformed_ratio: ratio('can never become an event'),
      duplicate_ratio: ratio('repeats an earlier one'),
      ...taskOptions(environment),
    })
    .refine((load) => load.malformed_ratio + load.duplicate_ratio <= 1, {
      path: ['duplicate_ratio'],
      message: 'is more than malformed_ratio leaves',
    })
    .refine((load) => load.events_per_minute * load.time_scale <= MOST_PER_MINUTE, {
      path: ['time_scale'],
      message: `makes more than ${MOST_PER_MINUTE} events a minute`,
    })
    .refine((load) => load.events_per_minute * load.duration_minutes <= MOST_EVENTS, {
      path: ['duration_minutes'],
      message: `makes more than ${MOST_EVENTS} events`,
    })

export const scenarioShape = z
  .object({
    name: z.string(),
    description: z.string(),
    events: z.int(),
    duration_minutes: z.number(),
    events_per_minute: z.number(),
  })
  .meta({ id: 'Scenario' })

const time = z.iso.datetime()
const figure = z.int().min(0)

export const taskShape = z
  .object({
    task_id: z.string(),
    kind: z.enum(['scenario', 'start', 'batch']),
    scenario: z.string().optional().describe('Its name, where it is one.'),
    state: z
      .enum(TASK_STATES)
      .describe('completed: everything was published. failed: something was not. stopped: somebody asked for it.'),
    requested: figure.describe('How many messages it is to publish in all.'),
    published: figure.describe('How many the topic has acknowledged.'),
    failed: figure.describe('How many the topic has refused.'),
    by_type: z.record(z.string(), figure).describe('Those published, by event type.'),
    malformed: figure.describe('Those published that can never become an event.'),
    repeated: figure.describe('Those published that repeat an earlier one.'),
    percent: z.number().min(0).max(100),
    started_at: time,
    ends_at: time.nullable().describe('When it ended or is expected to end; null where only the topic knows.'),
    events_per_second: z.object({ now: z.number(), average: z.number() }).describe('now: over the last five seconds.'),
    last_error: z.string().nullable(),
    seed: z.int(),
  })
  .meta({ id: 'Task' })

export const publishedShape = z.object({ event_id: z.string(), message_id: z.string(), event: eventShape })

export const healthShape = z.object({
  status: z.literal('ok'),
  environment: z.string(),
  project: z.string(),
  topic: z.string(),
  running_tasks: figure,
})
