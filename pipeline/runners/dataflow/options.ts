import { z } from 'zod'
import { type Settings, SettingsError } from '../../../src/settings.ts'

/** What the command line says, unchecked but for numbers. */
export interface DataflowChoices {
  readonly image?: string
  readonly machineType?: string
  readonly maxWorkers?: number
  readonly workers?: number
  readonly tempLocation?: string
  readonly stagingLocation?: string
  readonly jobName?: string
  readonly serviceAccount?: string
  readonly zone?: string
  readonly network?: string
  readonly subnetwork?: string
  /** false: workers have no public addresses. */
  readonly publicIps?: boolean
  readonly kmsKey?: string
  readonly bundlesPerWorker?: number
  readonly label?: readonly string[]
  readonly experiment?: readonly string[]
  readonly serviceOption?: readonly string[]
  readonly update?: boolean
  readonly renamed?: readonly string[]
}

const gs = (name: string) =>
  z
    .string(`${name} is missing: name a folder of a bucket in the region, such as gs://my-bucket/dataflow.`)
    .regex(/^gs:\/\/[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](\/[^\s#?[\]]*)?$/, `${name} is not gs://BUCKET/FOLDER.`)
    .transform((path) => path.replace(/\/+$/, ''))

/** `key=value`, each key once. */
const pairs = (name: string, key: RegExp, value: RegExp, rule: string) =>
  z
    .array(
      z
        .string()
        .regex(/=/, `${name} ${rule}.`)
        .transform((text): [string, string] => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)])
        .refine(([k, v]) => key.test(k) && value.test(v), `${name} ${rule}.`),
    )
    .default([])
    .refine((all) => new Set(all.map(([k]) => k)).size === all.length, `${name} names the same key twice.`)
    .transform((all) => Object.fromEntries(all))

const words = (name: string) => z.array(z.string().regex(/^\S+$/, `${name} is one word, or name=value.`)).default([])

/** Names as Compute Engine has them (RFC 1035). */
const NAME = '[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?'

const schema = z.object({
  image: z
    .string(
      '--image is missing: name the worker image, as scripts/deploy-pipeline.sh --runner dataflow --image-only prints it in a clone of Sluice.',
    )
    .regex(
      /^[a-z0-9.-]+\/[a-z0-9._/-]+(:[\w.-]+|@sha256:[0-9a-f]{64})$/,
      '--image is not REGISTRY/PATH:TAG or …@sha256:DIGEST.',
    )
    .refine(
      (image) => !image.endsWith(':latest'),
      '--image must not be :latest: workers that start later would run other code.',
    ),
  machineType: z
    .string('--machine-type is missing: it decides what a worker costs; n2-standard-2 is one to start with.')
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/, '--machine-type is not a machine type, such as n2-standard-2.'),
  maxWorkers: z
    .int('--max-workers is missing: it limits what the job may cost.')
    .max(4000, '--max-workers is more than the 4000 that a job may have.'),
  workers: z.int().optional(),
  tempLocation: gs('--temp-location'),
  stagingLocation: gs('--staging-location').optional(),
  jobName: z
    .string()
    .regex(new RegExp(`^${NAME}$`), '--job-name is not 1 to 63 of a-z, 0-9 and -, a letter first.')
    .optional(),
  serviceAccount: z
    .string()
    .regex(
      /^[^@\s]+@[a-z0-9.-]+\.gserviceaccount\.com$/,
      '--service-account is not NAME@PROJECT.iam.gserviceaccount.com.',
    )
    .optional(),
  zone: z.string().optional(),
  network: z
    .string()
    .regex(/^[a-z0-9:./-]+$/, '--network is not the name of a network.')
    .optional(),
  subnetwork: z
    .string()
    .regex(
      new RegExp(
        `^(https://www\\.googleapis\\.com/compute/v1/projects/[^/]+/)?regions/[a-z0-9-]+/subnetworks/${NAME}$`,
      ),
      '--subnetwork is not regions/REGION/subnetworks/NAME, nor the full address of a shared one.',
    )
    .optional(),
  publicIps: z.boolean().default(true),
  kmsKey: z
    .string()
    .regex(
      /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/,
      '--kms-key is not projects/…/locations/…/keyRings/…/cryptoKeys/….',
    )
    .optional(),
  bundlesPerWorker: z.int().optional(),
  label: pairs('--label', /^[a-z][a-z0-9_-]{0,62}$/, /^[a-z0-9_-]{0,63}$/, 'is not key=value in a-z, 0-9, _ and -'),
  experiment: words('--experiment'),
  serviceOption: words('--service-option'),
  update: z.boolean().default(false),
  renamed: pairs('--renamed', /^\S+$/, /^\S*$/, 'is not OLD=NEW'),
})

/** What a job is made of, checked. */
export interface DataflowOptions
  extends Omit<z.infer<typeof schema>, 'stagingLocation' | 'jobName' | 'serviceAccount'> {
  readonly projectId: string
  readonly region: string
  readonly environment: string
  readonly subscription: string
  readonly stagingLocation: string
  readonly jobName: string
  readonly serviceAccount: string
}

/** What disables Runner v2 would leave nobody to run code in TypeScript. */
const DISABLING = /^disable_(prime_)?runner_v2/

/** Throws a SettingsError that names every fault of choices and settings, and how to mend it. */
export function dataflowOptions(settings: Settings, choices: DataflowChoices): DataflowOptions {
  const { projectId, environment, region } = settings
  const parsed = schema.safeParse(choices)
  const faults = [
    ...faultsOfRegion(region),
    ...(parsed.error?.issues.map(({ message }) => message) ?? []),
    ...together(choices, region),
  ]
  if (!parsed.success || region === undefined || faults.length > 0) throw new SettingsError(faults.join('\n'))
  const { data } = parsed
  return {
    ...data,
    projectId,
    region,
    environment,
    subscription: `projects/${projectId}/subscriptions/${settings.resources.pipelineSubscription}`,
    stagingLocation: data.stagingLocation ?? `${data.tempLocation}/staging`,
    jobName: data.jobName ?? `${environment}-pipeline-dataflow`,
    serviceAccount: data.serviceAccount ?? `${environment}-pipeline@${projectId}.iam.gserviceaccount.com`,
  }
}

function faultsOfRegion(region: string | undefined): string[] {
  if (region === undefined)
    return ['SLUICE_REGION is missing: name the region where the workers run, such as europe-west1.']
  return /^[a-z]+-[a-z]+\d+$/.test(region)
    ? []
    : [`SLUICE_REGION is ${region}, but Dataflow's workers run in one region, such as europe-west1.`]
}

/** What is wrong with options that are each right. */
function together(choices: DataflowChoices, region: string | undefined): string[] {
  const { workers, maxWorkers, zone, subnetwork, network, publicIps, update, renamed, experiment = [] } = choices
  const faults: [boolean | undefined, string][] = [
    [
      workers !== undefined && maxWorkers !== undefined && workers > maxWorkers,
      `--workers is ${workers}, more than --max-workers.`,
    ],
    [
      zone !== undefined && region !== undefined && !zone.startsWith(`${region}-`),
      `--zone is ${zone}, which is not in ${region}.`,
    ],
    [
      subnetwork !== undefined && region !== undefined && !subnetwork.includes(`regions/${region}/`),
      `--subnetwork is in another region than ${region}.`,
    ],
    [
      publicIps === false && network === undefined && subnetwork === undefined,
      '--no-public-ips needs a --subnetwork with Private Google Access, else workers reach nothing.',
    ],
    [renamed !== undefined && renamed.length > 0 && !update, '--renamed is for --update alone.'],
    ...experiment
      .filter((name) => DISABLING.test(name))
      .map((name): [boolean, string] => [true, `--experiment ${name} takes away what runs code in TypeScript.`]),
  ]
  return faults.filter(([is]) => is).map(([, what]) => what)
}
