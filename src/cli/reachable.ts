import { type Clients, connectBigQueryOnce } from '../clients.ts'
import { codeOf } from '../resources.ts'
import type { Settings } from '../settings.ts'
import { UserError } from './user-error.ts'

const NOT_FOUND = 5
const DEADLINE_EXCEEDED = 4
const UNAVAILABLE = 14
const PATIENCE = { timeout: 5_000, retry: null } as const

/** Throws a UserError unless Pub/Sub answers, within 5 s: its client would go on trying in silence. */
export async function pubsubIsThere({ pubsub }: Clients, settings: Settings): Promise<void> {
  await ask(settings, () => pubsub.topic(settings.resources.topic).getMetadata(PATIENCE))
}

/** The same, and throws a UserError unless the pipeline's subscription is there. */
export async function subscriptionIsThere({ pubsub }: Clients, settings: Settings): Promise<void> {
  const { pipelineSubscription: name } = settings.resources
  const there = await ask(settings, () => pubsub.subscription(name).getMetadata(PATIENCE))
  if (!there) throw new UserError(`there is no subscription ${name}: \`sluice provision\` makes it.`)
}

/** Whether there is what was asked for. */
async function ask({ endpoints }: Settings, request: () => Promise<unknown>): Promise<boolean> {
  try {
    await request()
    return true
  } catch (thrown) {
    const code = codeOf(thrown)
    if (code === NOT_FOUND) return false
    if (code !== UNAVAILABLE && code !== DEADLINE_EXCEEDED) throw thrown
    const where = endpoints
      ? `at ${endpoints.pubsub} (\`sluice emulators\` starts one, \`sluice up --docker\` another)`
      : 'on Google Cloud'
    throw new UserError(`Pub/Sub does not answer ${where}.`)
  }
}

/** Work with BigQuery, each request sent once. An emulator that is not up is a mistake of the user's, and the likeliest one. */
export async function reaching<T>(
  settings: Settings,
  work: (clients: Pick<Clients, 'bigquery'>) => Promise<T>,
): Promise<T> {
  const bigquery = connectBigQueryOnce(settings)
  try {
    return await work({ bigquery })
  } catch (thrown) {
    if (!UNREACHABLE.has(codeOf(thrown))) throw thrown
    const { endpoints } = settings
    const where = endpoints
      ? `at ${endpoints.bigquery} (\`sluice emulators\` starts one, \`sluice up --docker\` another)`
      : 'on Google Cloud'
    throw new UserError(`BigQuery does not answer ${where}.`)
  }
}

const UNREACHABLE = new Set<unknown>(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'ECONNRESET'])
