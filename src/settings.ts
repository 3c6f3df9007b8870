import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

export const BACKENDS = ['embedded', 'docker', 'gcp'] as const
export type Backend = (typeof BACKENDS)[number]

/** All that the environment decides, parsed once. Nothing else reads `process.env`. */
export interface Settings {
  readonly backend: Backend
  readonly projectId: string
  readonly environment: string
  readonly resources: ResourceNames
  /** Where a dataset and a bucket are made, `europe-west1` or `EU`; absent: where Google's services put them, the US. */
  readonly region?: string
  /** How many days a table keeps a day's partition, counted from that day; absent: as the dataset says. */
  readonly partitionDays?: number
  /** How far an event's time may lie from that of its publish, in seconds; absent: any distance. */
  readonly timeBounds: { readonly allowedLatenessSeconds?: number; readonly allowedEarlinessSeconds?: number }
  /** Where the emulators answer; absent on Google Cloud. */
  readonly endpoints?: Endpoints
  /** Where credentials may lie; on Google Cloud alone. */
  readonly credentials?: CredentialPlaces
}

/** Google's libraries look at these in this order, and at the metadata server last. */
export interface CredentialPlaces {
  /** GOOGLE_APPLICATION_CREDENTIALS. */
  readonly namedFile?: string
  /** What `gcloud auth application-default login` writes, whether or not it is there. */
  readonly loginFile?: string
  /** The project that is charged for the requests, where that is not the one of the credentials. */
  readonly quotaProject?: string
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

const SECONDS_OF: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** In seconds. */
const duration = z
  .string()
  .regex(/^\d{1,7}[smhd]$/, 'is not a duration such as 30s, 90m, 12h or 7d')
  .transform((text) => Number(text.slice(0, -1)) * SECONDS_OF[text.slice(-1)]!)
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
  SLUICE_REGION: z
    .string()
    .regex(/^(?:[a-z]+-[a-z]+\d{1,2}|us|eu)$/i, 'is not a region such as europe-west1, nor US or EU')
    .optional(),
  SLUICE_PARTITION_DAYS: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'is not a whole number of days from 1 to 99999')
    .transform(Number)
    .optional(),
  SLUICE_ALLOWED_LATENESS: duration,
  SLUICE_ALLOWED_EARLINESS: duration,
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

/** Google's clients read these by themselves, each only some of them: set, they send a part of the traffic elsewhere. */
const LED_ASTRAY = [...EMULATOR_VARIABLES, 'CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB'] as const

type Environment = Readonly<Record<string, string | undefined>>

const withoutEmpty = (environment: Environment) =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))

/** Throws a SettingsError that names every variable at fault. An empty variable counts as not set. */
export function parseSettings(environment: Environment = process.env): Settings {
  const given = withoutEmpty(environment)
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
    ...(read.SLUICE_REGION !== undefined && { region: read.SLUICE_REGION }),
    ...(read.SLUICE_PARTITION_DAYS !== undefined && { partitionDays: read.SLUICE_PARTITION_DAYS }),
    timeBounds: Object.freeze(timeBounds(read)),
    ...(onCloud
      ? { credentials: Object.freeze(credentialPlaces(given)) }
      : { endpoints: Object.freeze(endpoints(read)) }),
  })
}

const timeBounds = (read: z.infer<typeof schema>): Settings['timeBounds'] => ({
  ...(read.SLUICE_ALLOWED_LATENESS !== undefined && { allowedLatenessSeconds: read.SLUICE_ALLOWED_LATENESS }),
  ...(read.SLUICE_ALLOWED_EARLINESS !== undefined && { allowedEarlinessSeconds: read.SLUICE_ALLOWED_EARLINESS }),
})

/** A variable that has a say, and the one or the rule that decided. */
export interface SettingInForce {
  readonly variable: string
  readonly value: string
  readonly from: 'environment' | 'default' | 'not set'
}

const READ_BY_GOOGLES_LIBRARIES = [
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GOOGLE_CLOUD_QUOTA_PROJECT',
  'CLOUDSDK_CONFIG',
  'METADATA_SERVER_DETECTION',
  'GCE_METADATA_HOST',
  'HTTPS_PROXY',
  'https_proxy',
] as const

/** What the settings were made of. */
export function settingsInForce(settings: Settings, environment: Environment = process.env): SettingInForce[] {
  const given = withoutEmpty(environment)
  const inForce = (variable: string, value?: string | number): SettingInForce => ({
    variable,
    value: String(value ?? ''),
    from: given[variable] !== undefined ? 'environment' : value === undefined ? 'not set' : 'default',
  })
  const { endpoints } = settings
  const project =
    given.SLUICE_PROJECT === undefined && given.GOOGLE_CLOUD_PROJECT !== undefined
      ? 'GOOGLE_CLOUD_PROJECT'
      : 'SLUICE_PROJECT'
  return [
    inForce('SLUICE_BACKEND', settings.backend),
    inForce(project, settings.projectId),
    inForce('SLUICE_ENV', settings.environment),
    inForce('SLUICE_REGION', settings.region),
    inForce('SLUICE_PARTITION_DAYS', settings.partitionDays),
    inForce('SLUICE_ALLOWED_LATENESS', given.SLUICE_ALLOWED_LATENESS),
    inForce('SLUICE_ALLOWED_EARLINESS', given.SLUICE_ALLOWED_EARLINESS),
    ...(endpoints
      ? [
          inForce('PUBSUB_EMULATOR_HOST', endpoints.pubsub),
          inForce('STORAGE_EMULATOR_HOST', endpoints.storage),
          inForce('BIGQUERY_EMULATOR_HOST', endpoints.bigquery),
          inForce('BIGQUERY_STORAGE_EMULATOR_HOST', endpoints.bigqueryStorage),
        ]
      : READ_BY_GOOGLES_LIBRARIES.filter((name) => given[name] !== undefined).map((name) =>
          inForce(name, given[name]),
        )),
  ]
}

/** What a process that this one starts is to find in its environment: all that this one has, and these. */
export const environmentWith = (variables: Readonly<Record<string, string>>): Record<string, string | undefined> => ({
  ...process.env,
  ...variables,
})

/** The same, without any setting that is in force here: what `variables` leaves out has its default there. */
export const environmentWithOnly = (
  variables: Readonly<Record<string, string>>,
  environment: Environment = process.env,
): Environment => ({
  ...Object.fromEntries(Object.entries(environment).filter(([name]) => !(name in schema.shape))),
  ...variables,
})

/** Where this machine's user keeps what can be fetched again (XDG Base Directory Specification). */
export const cacheFolder = (environment: Environment = process.env): string =>
  join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sluice')

const isEmulatorVariable = (name: unknown) => EMULATOR_VARIABLES.some((variable) => variable === name)

/** On Google Cloud a variable that still points to an emulator would send half of the traffic there. */
function halfAFlip(given: Environment): string[] {
  const left = LED_ASTRAY.filter((name) => given[name] !== undefined)
  const named = given.SLUICE_PROJECT !== undefined || given.GOOGLE_CLOUD_PROJECT !== undefined
  return [
    ...left.map((name) => `${name} is set, but SLUICE_BACKEND is gcp: unset one of the two.`),
    ...(named ? [] : ['SLUICE_PROJECT is missing: name the Google Cloud project.']),
    ...(given.GOOGLE_CLOUD_UNIVERSE_DOMAIN === undefined || given.GOOGLE_CLOUD_UNIVERSE_DOMAIN === 'googleapis.com'
      ? []
      : ['GOOGLE_CLOUD_UNIVERSE_DOMAIN is unsupported but for googleapis.com: only some of the clients follow it.']),
  ]
}

/** As google-auth-library finds them (cloud.google.com/docs/authentication/application-default-credentials). */
function credentialPlaces(given: Environment): CredentialPlaces {
  const namedFile = given.GOOGLE_APPLICATION_CREDENTIALS ?? given.google_application_credentials
  const home = process.platform === 'win32' ? given.APPDATA : given.HOME && join(given.HOME, '.config')
  const folder = given.CLOUDSDK_CONFIG ?? (home && join(home, 'gcloud'))
  const quotaProject = given.GOOGLE_CLOUD_QUOTA_PROJECT
  return {
    ...(namedFile !== undefined && { namedFile }),
    ...(folder !== undefined && { loginFile: join(folder, 'application_default_credentials.json') }),
    ...(quotaProject !== undefined && { quotaProject }),
  }
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
