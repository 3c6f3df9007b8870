import type { GetSubscriptionMetadataResponse } from '@google-cloud/pubsub'
import { codeOf, lastPart, PIPELINE_SUBSCRIPTION, TABLES_MOST_ATTEMPTS, TABLES_SUBSCRIPTION } from '../../resources.ts'
import type { Settings } from '../../settings.ts'
import type { Check, Finding, Group } from './check.ts'
import { GRPC } from './codes.ts'
import { inSeconds } from './duration.ts'
import { ONCE, type Patient, PUBSUB } from './patient.ts'

type Live = GetSubscriptionMetadataResponse[0]

/** A setting that is not as provision would make it, and the flag of `gcloud pubsub subscriptions update`. */
interface Difference {
  readonly what: string
  readonly flag: string
}

export const subscriptions = (patient: Patient): Group => {
  const { pipelineSubscription, tablesSubscription } = patient.settings.resources
  return {
    title: 'Subscriptions',
    checks: [
      subscription(patient, {
        name: pipelineSubscription,
        differences: pipelineDifferences,
        missing: { status: 'fault', detail: 'is not there', mend: '`sluice provision` makes it.' },
      }),
      subscription(patient, {
        name: tablesSubscription,
        differences: tablesDifferences,
        missing: {
          status: 'note',
          detail: 'is not there, so no table manager hears of new events',
          mend: '`sluice table-manager --subscribe` makes it; `sluice tables apply` makes the tables.',
        },
      }),
    ],
  }
}

interface Wanted {
  readonly name: string
  readonly differences: (live: Live, settings: Settings) => Difference[]
  readonly missing: Finding
}

const subscription = (patient: Patient, { name, differences, missing }: Wanted): Check => ({
  name,
  needs: [PUBSUB],
  async run() {
    const { settings } = patient
    const live = await read(patient, name)
    if (!live) return missing
    if (lastPart(live.topic) !== settings.resources.topic) {
      const detail = `listens to ${lastPart(live.topic)}, not to ${settings.resources.topic}`
      return { status: 'fault', detail, mend: 'Delete it: `sluice provision` makes it anew.' }
    }
    const found = differences(live, settings)
    if (found.length === 0) return { status: 'well', detail: inWords(live) }
    return {
      status: 'fault',
      detail: found.map(({ what }) => what).join('; '),
      mend: settings.endpoints
        ? 'Delete it: `sluice provision` makes it anew.'
        : `gcloud pubsub subscriptions update ${name} ${found.map(({ flag }) => flag).join(' ')}`,
    }
  },
})

/** Nothing where it is not there. */
async function read({ clients }: Patient, name: string): Promise<Live | undefined> {
  try {
    const [live] = await clients.pubsub.subscription(name).getMetadata(ONCE)
    return live
  } catch (thrown) {
    if (codeOf(thrown) !== GRPC.NOT_FOUND) throw thrown
    return undefined
  }
}

const DAY_S = 86_400

function inWords(live: Live): string {
  const expires = inSeconds(live.expirationPolicy?.ttl)
  const retention = inSeconds(live.messageRetentionDuration)
  return [
    live.pushConfig?.pushEndpoint ? `pushes to ${live.pushConfig.pushEndpoint}` : 'pull',
    `ack deadline ${live.ackDeadlineSeconds} s`,
    live.enableExactlyOnceDelivery ? 'exactly once' : 'at least once',
    ...(live.enableMessageOrdering ? ['ordered'] : []),
    ...(retention ? [`keeps messages for ${retention / DAY_S} days`] : []),
    expires ? `expires after ${expires / DAY_S} idle days` : 'never expires',
    ...(live.deadLetterPolicy?.deadLetterTopic
      ? [`gives up after ${live.deadLetterPolicy.maxDeliveryAttempts} attempts`]
      : []),
  ].join(', ')
}

interface Base {
  readonly ackDeadlineSeconds: number
  readonly retryPolicy: {
    readonly minimumBackoff: { readonly seconds: number }
    readonly maximumBackoff: { readonly seconds: number }
  }
}

function baseDifferences(live: Live, wanted: Base): Difference[] {
  const [minimum, maximum] = [wanted.retryPolicy.minimumBackoff.seconds, wanted.retryPolicy.maximumBackoff.seconds]
  const backoff = [live.retryPolicy?.minimumBackoff, live.retryPolicy?.maximumBackoff].map(inSeconds)
  const hasBackoff = backoff[0] === minimum && backoff[1] === maximum
  const expires = inSeconds(live.expirationPolicy?.ttl)
  return [
    ...(live.detached ? [{ what: 'is detached from its topic, and gets nothing', flag: '(delete it)' }] : []),
    ...(live.ackDeadlineSeconds === wanted.ackDeadlineSeconds
      ? []
      : [
          {
            what: `its ack deadline is ${live.ackDeadlineSeconds} s, not ${wanted.ackDeadlineSeconds} s`,
            flag: `--ack-deadline=${wanted.ackDeadlineSeconds}`,
          },
        ]),
    ...(expires
      ? [
          {
            what: `it expires, with all that it holds, after ${expires / DAY_S} idle days`,
            flag: '--expiration-period=never',
          },
        ]
      : []),
    ...(hasBackoff
      ? []
      : [
          {
            what: `it retries ${backoffInWords(backoff)}, not after ${minimum} to ${maximum} s`,
            flag: `--min-retry-delay=${minimum}s --max-retry-delay=${maximum}s`,
          },
        ]),
    ...(live.filter ? [{ what: `it drops what its filter does not take: ${live.filter}`, flag: '(delete it)' }] : []),
  ]
}

const backoffInWords = ([minimum, maximum]: readonly (number | undefined)[]) =>
  minimum === undefined || maximum === undefined ? 'at once' : `after ${minimum} to ${maximum} s`

function pipelineDifferences(live: Live): Difference[] {
  const deadLetters = live.deadLetterPolicy?.deadLetterTopic
  return [
    ...(live.pushConfig?.pushEndpoint
      ? [{ what: `it pushes to ${live.pushConfig.pushEndpoint}, so nobody can pull`, flag: '--push-endpoint=' }]
      : []),
    ...(deadLetters
      ? [
          {
            what: `an outage would send its messages to ${lastPart(deadLetters)}`,
            flag: '--clear-dead-letter-policy',
          },
        ]
      : []),
    ...baseDifferences(live, PIPELINE_SUBSCRIPTION),
  ]
}

function tablesDifferences(live: Live, settings: Settings): Difference[] {
  const { resources } = settings
  const { deadLetterTopic, maxDeliveryAttempts } = live.deadLetterPolicy ?? {}
  const isWanted =
    lastPart(deadLetterTopic) === resources.deadLetterTopic && maxDeliveryAttempts === TABLES_MOST_ATTEMPTS
  return [
    ...pushDifferences(live, settings),
    ...(isWanted
      ? []
      : [
          {
            what: `it does not give up after ${TABLES_MOST_ATTEMPTS} attempts`,
            flag: `--dead-letter-topic=${resources.deadLetterTopic} --max-delivery-attempts=${TABLES_MOST_ATTEMPTS}`,
          },
        ]),
    ...baseDifferences(live, TABLES_SUBSCRIPTION),
  ]
}

/** Cloud Run answers 403 to a push without a token; what listens to an emulator's pushes asks for none. */
function pushDifferences({ pushConfig }: Live, settings: Settings): Difference[] {
  const { pushEndpoint, oidcToken } = pushConfig ?? {}
  if (pushEndpoint && (settings.endpoints || oidcToken?.serviceAccountEmail)) return []
  return [
    {
      what: pushEndpoint ? 'it pushes without a token, so each push is refused (403)' : 'it pushes nowhere',
      flag: pushFlags(pushEndpoint || 'URL_OF_THE_TABLE_MANAGER', settings),
    },
  ]
}

/** gcloud keeps nothing of a push that it is not told again. The audience is the service's address, without a path. */
function pushFlags(endpoint: string, { environment, projectId }: Settings): string {
  const account = `${environment}-push@${projectId}.iam.gserviceaccount.com`
  const audience = URL.canParse(endpoint) ? new URL(endpoint).origin : endpoint
  return `--push-endpoint=${endpoint} --push-auth-service-account=${account} --push-auth-token-audience=${audience}`
}
