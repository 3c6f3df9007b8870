import { tables } from '../../catalogue/index.ts'
import { codeOf } from '../../resources.ts'
import type { Check, Finding, Group } from './check.ts'
import { GRPC, HTTP } from './codes.ts'
import { BIGQUERY, ONCE, type Patient, PUBSUB, STORAGE } from './patient.ts'

/** A permission, who needs it, and the narrowest of Google's roles that holds it. */
interface Need {
  readonly permission: string
  readonly for: string
  readonly role: string
}

const TOPIC: readonly Need[] = [
  { permission: 'pubsub.topics.publish', for: 'generator', role: 'roles/pubsub.publisher' },
  { permission: 'pubsub.topics.get', for: 'provision', role: 'roles/pubsub.viewer' },
]
const SUBSCRIPTION: readonly Need[] = [
  { permission: 'pubsub.subscriptions.consume', for: 'pipeline', role: 'roles/pubsub.subscriber' },
  { permission: 'pubsub.subscriptions.get', for: 'pipeline', role: 'roles/pubsub.viewer' },
]
const BUCKET: readonly Need[] = [
  { permission: 'storage.objects.create', for: 'pipeline', role: 'roles/storage.objectCreator' },
  { permission: 'storage.objects.get', for: 'pipeline', role: 'roles/storage.objectViewer' },
  { permission: 'storage.objects.list', for: 'pipeline', role: 'roles/storage.objectViewer' },
  { permission: 'storage.objects.update', for: 'pipeline', role: 'roles/storage.objectUser' },
]
const TABLE: readonly Need[] = [
  { permission: 'bigquery.tables.get', for: 'pipeline', role: 'roles/bigquery.metadataViewer' },
  { permission: 'bigquery.tables.updateData', for: 'pipeline', role: 'roles/bigquery.dataEditor' },
  { permission: 'bigquery.tables.update', for: 'table manager', role: 'roles/bigquery.dataEditor' },
  { permission: 'bigquery.tables.getData', for: 'pipeline', role: 'roles/bigquery.dataViewer' },
]

/** The roles that a role makes superfluous. */
const INCLUDED: Readonly<Record<string, readonly string[]>> = {
  'roles/storage.objectUser': ['roles/storage.objectCreator', 'roles/storage.objectViewer'],
  'roles/bigquery.dataEditor': ['roles/bigquery.metadataViewer', 'roles/bigquery.dataViewer'],
  'roles/bigquery.dataViewer': ['roles/bigquery.metadataViewer'],
}

/** Emulators let everybody do everything, and know nothing of permissions. */
export function permissions(patient: Patient): Group {
  const { settings, clients } = patient
  const { topic, pipelineSubscription, bucket, dataset } = settings.resources
  if (settings.endpoints) {
    return {
      title: 'Permissions',
      checks: [
        { name: 'permissions', run: () => ({ status: 'skipped', detail: 'not asked: emulators know of none' }) },
      ],
    }
  }
  return {
    title: 'Permissions',
    checks: [
      tested(PUBSUB, {
        name: 'topic',
        on: `the topic ${topic}`,
        needs: TOPIC,
        ask: async (asked) => held((await clients.pubsub.topic(topic).iam.testPermissions(asked, ONCE))[0]),
      }),
      tested(PUBSUB, {
        name: 'subscription',
        on: `the subscription ${pipelineSubscription}`,
        needs: SUBSCRIPTION,
        ask: async (asked) =>
          held((await clients.pubsub.subscription(pipelineSubscription).iam.testPermissions(asked, ONCE))[0]),
      }),
      tested(STORAGE, {
        name: 'bucket',
        on: `the bucket ${bucket}`,
        needs: BUCKET,
        ask: async (asked) => held((await clients.storage.bucket(bucket).iam.testPermissions(asked))[0]),
      }),
      ...tables.map(({ table }) =>
        tested(BIGQUERY, {
          name: `table ${table}`,
          on: `the table ${table}`,
          needs: TABLE,
          ask: async (asked) => {
            const [response] = await clients.bigquery.dataset(dataset).table(table).testIamPermissions(asked)
            return response?.permissions ?? []
          },
        }),
      ),
      {
        name: 'dataset',
        run: () => ({ status: 'skipped', detail: 'not asked: BigQuery tests no permissions on a dataset' }),
      },
      query(patient),
    ],
  }
}

interface Tested {
  readonly name: string
  readonly on: string
  readonly needs: readonly Need[]
  /** Which of these permissions the caller has. */
  readonly ask: (permissions: string[]) => Promise<readonly string[]>
}

const held = (answer: Readonly<Record<string, boolean>> | null): string[] =>
  Object.entries(answer ?? {}).flatMap(([permission, has]) => (has ? [permission] : []))

const tested = (service: string, { name, on, needs, ask }: Tested): Check => ({
  name,
  needs: [service],
  async run() {
    try {
      const has = new Set(await ask(needs.map(({ permission }) => permission)))
      const missing = needs.filter(({ permission }) => !has.has(permission))
      // Pub/Sub says of what is not there that nobody may do anything with it.
      return judged(missing, on, missing.length === needs.length ? ', or it is not there' : '')
    } catch (thrown) {
      if (!MISSING.has(codeOf(thrown))) throw thrown
      return { status: 'skipped', detail: 'not asked: it is not there' }
    }
  },
})

const MISSING = new Set<unknown>([GRPC.NOT_FOUND, HTTP.NOT_FOUND])

function judged(missing: readonly Need[], on: string, doubt: string): Finding {
  if (missing.length === 0) return { status: 'well', detail: 'all that is needed' }
  const wanted = new Set(missing.map(({ role }) => role))
  const included = new Set([...wanted].flatMap((role) => INCLUDED[role] ?? []))
  const roles = [...wanted.difference(included)]
  return {
    status: 'fault',
    detail: `lacks ${missing.map((need) => `${need.permission} (${need.for})`).join(', ')}${doubt}`,
    mend: `Grant ${roles.join(' and ')} on ${on}.`,
  }
}

/** The pipeline asks which rows are there when a file's write stream is gone; a dry run costs nothing. */
const query = ({ clients, settings }: Patient): Check => ({
  name: 'queries',
  needs: [BIGQUERY],
  async run() {
    try {
      await clients.bigquery.createQueryJob({ query: 'SELECT 1', dryRun: true })
      return { status: 'well', detail: 'allowed' }
    } catch (thrown) {
      if (codeOf(thrown) !== HTTP.FORBIDDEN) throw thrown
      const mend = `Grant roles/bigquery.jobUser on the project ${settings.projectId}.`
      return { status: 'fault', detail: 'lacks bigquery.jobs.create (pipeline)', mend }
    }
  },
})
