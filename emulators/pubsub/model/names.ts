import { invalidArgument } from '../../shared/index.ts'

export type Collection = 'topics' | 'subscriptions' | 'snapshots'

/** What a subscription shows in place of a topic that is gone (google.pubsub.v1.Subscription.topic). */
export const DELETED_TOPIC = '_deleted-topic_'

/** cloud.google.com/pubsub/docs/pubsub-basics#resource_names */
const ID = /^(?!goog)[A-Za-z][A-Za-z0-9\-_.~+%]{2,254}$/
const PROJECT = /^[^/\s]+$/

export interface ResourceName {
  readonly project: string
  readonly id: string
}

/** Takes `projects/{project}/{collection}/{id}` apart; INVALID_ARGUMENT when it is anything else. */
export function parseName(collection: Collection, name: string): ResourceName {
  const [projects, project, kind, id, ...rest] = name.split('/')
  const whole = projects === 'projects' && kind === collection && rest.length === 0
  if (!whole || !PROJECT.test(project ?? '') || !ID.test(id ?? '')) throw invalidName(name)
  return { project: project!, id: id! }
}

/** Takes `projects/{project}` apart. */
export function parseProject(name: string): string {
  const [projects, project, ...rest] = name.split('/')
  if (projects !== 'projects' || rest.length > 0 || !PROJECT.test(project ?? '')) throw invalidName(name)
  return project!
}

const invalidName = (name: string) =>
  invalidArgument(
    `Invalid resource name given (name=${name}). Refer to https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names for more information.`,
  )
