import { alreadyExists, notFound, ServiceError } from '../../shared/index.ts'
import { type Collection, parseName, parseProject } from './names.ts'

/** INVALID_ARGUMENT when the name is none, NOT_FOUND when nothing has it. */
export function existing<Resource>(all: ReadonlyMap<string, Resource>, collection: Collection, name: string): Resource {
  const { id } = parseName(collection, name)
  const found = all.get(name)
  if (!found) throw notFound(`Resource not found (resource=${id}).`)
  return found
}

/** Those of `projects/{project}`, by name. */
export function inProject<Resource extends { name: string }>(
  all: ReadonlyMap<string, Resource>,
  project: string,
): Resource[] {
  const prefix = `projects/${parseProject(project)}/`
  const found = [...all.values()].filter(({ name }) => name.startsWith(prefix))
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

export const exists = (id: string) => alreadyExists(`Resource already exists in the project (resource=${id}).`)

/** For whoever asks for the messages of a subscription that can have none. */
export const detached = () => new ServiceError('FAILED_PRECONDITION', 'The subscription is detached from its topic.')
