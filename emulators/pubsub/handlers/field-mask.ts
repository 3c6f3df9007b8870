import { camelCase, invalidArgument } from '../../shared/index.ts'

export interface FieldMask {
  paths: string[]
}

export interface Masked {
  /** The message's name in errors. */
  resource: 'Topic' | 'Subscription' | 'Snapshot'
  /** Fields that may change, in the camel case of the codec. */
  mutable: readonly string[]
}

/**
 * `current` with the fields that the mask names taken from `update` (google.protobuf.FieldMask). A path is a field, or a
 * field of a field: `retry_policy.minimum_backoff`.
 */
export function applyMask<Resource extends object>(
  current: Resource,
  update: Resource,
  mask: FieldMask | null,
  { resource, mutable }: Masked,
): Resource {
  if (!mask || mask.paths.length === 0) {
    throw invalidArgument(
      `The update_mask in the Update${resource}Request must be set, and must contain a non-empty paths list.`,
    )
  }
  const merged = structuredClone(current) as Fields
  for (const path of mask.paths) {
    const [field, inner, ...rest] = path.split('.').map(camelCase) as [string, ...string[]]
    if (!(field in update) || rest.length > 0) throw refusal(resource, path, 'is not known')
    if (!mutable.includes(field)) throw refusal(resource, path, 'is not mutable')
    const given = (update as Fields)[field]
    if (inner === undefined) merged[field] = given
    else if (!isObject(given) || !(inner in given)) throw refusal(resource, path, 'is not known, or not set')
    else merged[field] = { ...(merged[field] as Fields), [inner]: given[inner] }
  }
  return merged as Resource
}

type Fields = Record<string, unknown>

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null

const refusal = (resource: string, path: string, why: string) =>
  invalidArgument(
    `Invalid update_mask provided in the Update${resource}Request: the '${path}' field in the ${resource} ${why}.`,
  )
