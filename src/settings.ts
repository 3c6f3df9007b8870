import { z } from 'zod'

export const BACKENDS = ['embedded', 'docker', 'gcp'] as const
export type Backend = (typeof BACKENDS)[number]

/** All that the environment decides, parsed once. Nothing else reads `process.env`. */
export interface Settings {
  readonly backend: Backend
  readonly projectId: string
  readonly environment: string
  readonly resources: ResourceNames
  /** How many days a table keeps a day's partition, counted from that day; absent: as the dataset says. */
  readonly partitionDays?: number
  /** Where the emulators answer; absent on Google Cloud. */
  readonly endpoints?: Endpoints
}

/** Each `host:port`, plaintext. */
export interface Endpoints {
  readonly pubsub: string
  readonly storage: string
  readonly bigquery: string
  /** The Storage Write API's gRPC. */
  readonly bigqueryStorage: string
}

export interface ResourceNames {
  readonly topic: string
  readonly deadLetterTopic: string
  readonly pipelineSubscription: string
  readonly tablesSubscription: string
  readonly dataset: string
  readonly bucket: string
}

/** A mistake in the settings: its message names every one of them, and how to mend each. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

const hostAndPort = z
  .string()
  .transform((text) => text.replace(/^http:\/\//, '').replace(/\/$/, ''))
  .refine(isHostAndPort, 'is not host:port, such as 127.0.0.1:8085')

function isHostAndPort(text: string): boolean {
  const [, port] = /^(?:[^\s/:]+|\[[0-9a-fA-F:]+\]):(\d{1,5})$/.exec(text) ?? []
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535
}

const projectId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, 'is not a project id (6 to 30 of a-z, 0-9 and -, a letter first)')
  .optional()

const schema = z.object({
  SLUICE_BACKEND: z.enum(BACKENDS, `is not one of ${BACKENDS.join(', ')}`).default('embedded'),
  SLUICE_PROJECT: projectId,
  /** Google's own tools set this one; SLUICE_PROJECT comes first. */
  GOOGLE_CLOUD_PROJECT: projectId,
  SLUICE_ENV: z
    .string()
    .regex(/^[a-z][a-z0-9]{0,19}$/, 'is not 1 to 20 of a-z and 0-9, a letter first')
    .default('dev'),
  SLUICE_PARTITION_DAYS: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'is not a whole number of days from 1 to 99999')
    .transform(Number)
    .optional(),
  PUBSUB_EMULATOR_HOST: hostAndPort.optional(),
  STORAGE_EMULATOR_HOST: hostAndPort.optional(),
  BIGQUERY_EMULATOR_HOST: hostAndPort.optional(),
  BIGQUERY_STORAGE_EMULATOR_HOST: hostAndPort.optional(),
})

const EMULATOR_VARIABLES = [
  'PUBSUB_EMULATOR_HOST',
  'STORAGE_EMULATOR_HOST',
  'BIGQUERY_EMULATOR_HOST',
  'BIGQUERY_STORAGE_EMULATOR_HOST',
] as const

/** Throws a SettingsError that names every variable at fault. An empty variable counts as not set. */
export function parseSettings(environment: Readonly<Record<string, string | undefined>> = process.env): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  // What SLUICE_PROJECT overrides cannot be at fault.
  if (given.SLUICE_PROJECT !== undefined) delete given.GOOGLE_CLOUD_PROJECT
  const onCloud = given.SLUICE_BACKEND === 'gcp'
  const parsed = schema.safeParse(given)
  const faults = [
    ...(onCloud ? halfAFlip(given) : []),
    ...(parsed.error?.issues.filter(({ path }) => !onCloud || !isEmulatorVariable(path[0])) ?? []).map(
      ({ path, message }) => `${path.join('.')} ${message}.`,
    ),
  ]
  if (faults.length > 0 || !parsed.success) throw new SettingsError(faults.join('\n'))
  const read = parsed.data
  const projectId = read.SLUICE_PROJECT ?? read.GOOGLE_CLOUD_PROJECT ?? 'sluice-local'
  return Object.freeze({
    backend: read.SLUICE_BACKEND,
    projectId,
    environment: read.SLUICE_ENV,
    resources: Object.freeze(resourceNames(projectId, read.SLUICE_ENV)),
    ...(read.SLUICE_PARTITION_DAYS !== undefined && { partitionDays: read.SLUICE_PARTITION_DAYS }),
    ...(!onCloud && { endpoints: Object.freeze(endpoints(read)) }),
  })
}

/** What a process that this one starts is to find in its environment: all that this one has, and these. */
export const environmentWith = (variables: Readonly<Record<string, string>>): Record<string, string | undefined> => ({
  ...process.env,
  ...variables,
})

const isEmulatorVariable = (name: unknown) => EMULATOR_VARIABLES.some((variable) => variable === name)

/** On Google Cloud a variable that still points to an emulator would send half of the traffic there. */
function halfAFlip(given: Readonly<Record<string, string | undefined>>): string[] {
  const left = EMULATOR_VARIABLES.filter((name) => given[name] !== undefined)
  const named = given.SLUICE_PROJECT !== undefined || given.GOOGLE_CLOUD_PROJECT !== undefined
  return [
    ...left.map((name) => `${name} is set, but SLUICE_BACKEND is gcp: unset one of the two.`),
    ...(named ? [] : ['SLUICE_PROJECT is missing: name the Google Cloud project.']),
  ]
}

function endpoints(read: z.infer<typeof schema>): Endpoints {
  const bigquery = read.BIGQUERY_EMULATOR_HOST ?? '127.0.0.1:9050'
  return {
    pubsub: read.PUBSUB_EMULATOR_HOST ?? '127.0.0.1:8085',
    storage: read.STORAGE_EMULATOR_HOST ?? '127.0.0.1:4443',
    bigquery,
    // The embedded emulator serves REST and gRPC on one port; the one in Docker has a second port for gRPC.
    bigqueryStorage:
      read.BIGQUERY_STORAGE_EMULATOR_HOST ?? (read.SLUICE_BACKEND === 'docker' ? '127.0.0.1:9060' : bigquery),
  }
}

export const resourceNames = (projectId: string, environment: string): ResourceNames => ({
  topic: `${environment}-backend-events-topic`,
  deadLetterTopic: `${environment}-backend-events-dead-letter`,
  pipelineSubscription: `${environment}-backend-events-pipeline`,
  tablesSubscription: `${environment}-backend-events-tables`,
  dataset: `${environment}_events_dataset`,
  bucket: `${projectId}-${environment}-raw-events`,
})
