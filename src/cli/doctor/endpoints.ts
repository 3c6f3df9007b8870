import { codeOf } from '../../resources.ts'
import type { Backend, Endpoints } from '../../settings.ts'
import { type Check, explained, type Finding, type Group } from './check.ts'
import { GRPC, HTTP } from './codes.ts'
import { emulatorAt } from './emulator.ts'
import { BIGQUERY, CREDENTIALS, ONCE, type Patient, PUBSUB, STORAGE } from './patient.ts'

/** Each service is asked one question through its client, so a proxy or a name that is not found counts as it will. */
export function endpoints(patient: Patient): Group {
  const { settings, clients } = patient
  const { topic, bucket, dataset } = settings.resources
  const table = `projects/${settings.projectId}/datasets/${dataset}/tables/dead_letters`
  return {
    title: 'Endpoints',
    checks: [
      endpoint(patient, {
        name: PUBSUB,
        key: 'pubsub',
        ask: () => clients.pubsub.topic(topic).getMetadata(ONCE),
      }),
      endpoint(patient, {
        name: STORAGE,
        key: 'storage',
        ask: () => clients.storage.bucket(bucket).getMetadata(),
      }),
      endpoint(patient, {
        name: BIGQUERY,
        key: 'bigquery',
        ask: () => clients.bigquery.dataset(dataset).getMetadata(),
      }),
      endpoint(patient, {
        name: 'Storage Write API',
        key: 'bigqueryStorage',
        ask: () => clients.writer.getWriteStream({ streamId: `${table}/streams/_default` }, ONCE),
      }),
    ],
  }
}

interface Asked {
  readonly name: string
  readonly key: keyof Endpoints
  readonly ask: () => Promise<unknown>
}

const GOOGLES: Endpoints = {
  pubsub: 'pubsub.googleapis.com',
  storage: 'storage.googleapis.com',
  bigquery: 'bigquery.googleapis.com',
  bigqueryStorage: 'bigquerystorage.googleapis.com',
}

const endpoint = ({ settings }: Patient, { name, key, ask }: Asked): Check => ({
  name,
  needs: [CREDENTIALS],
  async run() {
    const at = (settings.endpoints ?? GOOGLES)[key]
    const started = performance.now()
    const fault = await faultOf(ask)
    if (fault) {
      const mend = settings.endpoints ? STARTS[settings.backend] : 'Is there a network, and no proxy in between?'
      return { status: 'fault', detail: `${at}: ${fault.detail}`, mend: fault.mend ?? mend }
    }
    const answers = `${at} answers after ${Math.round(performance.now() - started)} ms`
    return settings.endpoints ? identified(settings.backend, { answers, at }) : { status: 'well', detail: answers }
  },
})

const STARTS: Readonly<Record<Backend, string>> = {
  embedded: '`sluice emulators` starts one there, and `sluice dev` everything.',
  docker: '`docker compose up -d` starts the emulators.',
  gcp: '',
}

/** Whatever the service says of the question itself, it is there. */
const ANSWERS = new Set<unknown>([...Object.values(GRPC), ...Object.values(HTTP)])

async function faultOf(ask: () => Promise<unknown>) {
  try {
    await ask()
    return undefined
  } catch (thrown) {
    const isOff = explained(thrown).mend?.startsWith('gcloud services enable')
    return ANSWERS.has(codeOf(thrown)) && !isOff ? undefined : explained(thrown)
  }
}

async function identified(backend: Backend, { answers, at }: { answers: string; at: string }): Promise<Finding> {
  const emulator = await emulatorAt(at).catch(() => undefined)
  const detail = emulator ? `${answers} (${emulator})` : answers
  if (emulator === 'an emulator that is not known here') return { status: 'note', detail }
  if (backend !== 'embedded' || !emulator || emulator === 'Sluice’s emulator') return { status: 'well', detail }
  return { status: 'note', detail, mend: 'SLUICE_BACKEND=docker is the backend of such emulators.' }
}
