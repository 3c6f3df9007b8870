import type { FastifyRequest } from 'fastify'
import { invalidArgument, unimplemented } from '../../shared/index.ts'
import type { Selection } from '../model/bucket.ts'
import type { Preconditions } from '../model/preconditions.ts'

/**
 * They change nothing here: there are no callers to tell apart, no quotas, and `fields` is honoured for all methods.
 * `force` is no parameter of the service: Google's client for Node.js sends it along when it deletes many objects.
 */
const HARMLESS = new Set(
  'alt fields force key prettyPrint projection quotaUser userIp userProject uploadType access_token oauth_token $.xgafv'.split(
    ' ',
  ),
)
/** They only matter when they are true. Folders exist in buckets with a hierarchical namespace, which are refused. */
const OFF_BY_DEFAULT = new Set([
  'enableObjectRetention',
  'overrideUnlockedRetention',
  'returnPartialSuccess',
  'softDeleted',
])

export type Parameters<Name extends string> = Readonly<Partial<Record<Name, string>>>

/** A request's query. A parameter that this method does not honour is refused by its name. */
export function parameters<Name extends string>(
  request: FastifyRequest,
  method: string,
  honoured: readonly Name[],
): Parameters<Name> {
  const query = request.query as Readonly<Record<string, string | string[]>>
  const found: Partial<Record<Name, string>> = {}
  for (const [name, value] of Object.entries(query)) {
    if (typeof value !== 'string') throw invalid(name, value.join(', '))
    if ((honoured as readonly string[]).includes(name)) {
      if (value !== '') found[name as Name] = value
    } else if (!HARMLESS.has(name) && !(OFF_BY_DEFAULT.has(name) && flag(value, name) === false)) {
      throw unimplemented(`the parameter ${name} of ${method}`)
    }
  }
  return found
}

export const PRECONDITIONS = [
  'ifGenerationMatch',
  'ifGenerationNotMatch',
  'ifMetagenerationMatch',
  'ifMetagenerationNotMatch',
] as const

export const SOURCE_PRECONDITIONS = [
  'sourceGeneration',
  'ifSourceGenerationMatch',
  'ifSourceGenerationNotMatch',
  'ifSourceMetagenerationMatch',
  'ifSourceMetagenerationNotMatch',
] as const

export function preconditions(query: Parameters<(typeof PRECONDITIONS)[number]>): Preconditions {
  return defined({
    generationMatch: integer(query.ifGenerationMatch, 'ifGenerationMatch'),
    generationNotMatch: integer(query.ifGenerationNotMatch, 'ifGenerationNotMatch'),
    metagenerationMatch: integer(query.ifMetagenerationMatch, 'ifMetagenerationMatch'),
    metagenerationNotMatch: integer(query.ifMetagenerationNotMatch, 'ifMetagenerationNotMatch'),
  })
}

export function selection(query: Parameters<'generation' | (typeof PRECONDITIONS)[number]>): Selection {
  return { ...preconditions(query), ...defined({ generation: integer(query.generation, 'generation') }) }
}

export function sourceSelection(query: Parameters<(typeof SOURCE_PRECONDITIONS)[number]>): Selection {
  return defined({
    generation: integer(query.sourceGeneration, 'sourceGeneration'),
    generationMatch: integer(query.ifSourceGenerationMatch, 'ifSourceGenerationMatch'),
    generationNotMatch: integer(query.ifSourceGenerationNotMatch, 'ifSourceGenerationNotMatch'),
    metagenerationMatch: integer(query.ifSourceMetagenerationMatch, 'ifSourceMetagenerationMatch'),
    metagenerationNotMatch: integer(query.ifSourceMetagenerationNotMatch, 'ifSourceMetagenerationNotMatch'),
  })
}

export function integer(value: string | undefined, name: string): number | undefined {
  if (value === undefined) return undefined
  if (!/^-?\d{1,19}$/.test(value)) throw invalid(name, value)
  return Number(value)
}

/** For sizes of pages and the like. */
export function count(value: string | undefined, name: string): number | undefined {
  const number = integer(value, name)
  if (number !== undefined && number < 0) throw invalid(name, value!)
  return number
}

/** gcloud writes True and False. */
export function flag(value: string | undefined, name: string): boolean {
  if (value === undefined || /^false$/i.test(value)) return false
  if (/^true$/i.test(value)) return true
  throw invalid(name, value)
}

export function required(value: string | undefined, name: string): string {
  if (value !== undefined) return value
  throw invalidArgument(`Required parameter: ${name}`, {
    reason: 'required',
    location: { type: 'parameter', name },
  })
}

const invalid = (name: string, value: string) =>
  invalidArgument(`Invalid value for ${name}: ${value}`, {
    reason: 'invalidParameter',
    location: { type: 'parameter', name },
  })

/** Without what is absent. */
export function defined<T extends object>(values: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  const kept = Object.entries(values).filter(([, value]) => value !== undefined && value !== null)
  return Object.fromEntries(kept) as { [Key in keyof T]?: NonNullable<T[Key]> }
}
