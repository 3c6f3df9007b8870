import { z } from 'zod'
import { invalidArgument, unimplemented } from '../../shared/index.ts'

/** A JSON resource as the caller sent it; an empty body is an empty resource. */
export type Json = Readonly<Record<string, unknown>>

export function parseResource(body: unknown): Json {
  if (typeof body !== 'string' || body.trim() === '') return {}
  return parse(z.record(z.string(), z.unknown()), parseJson(body))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalidArgument('Parse Error', { reason: 'parseError', cause })
  }
}

export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw invalidArgument(`Invalid value for ${issue?.path.join('.') || 'the request body'}: ${issue?.message}`)
}

/**
 * Refuses, by its name, what is set in a resource and would change what the service does, but not what this emulator
 * does. What is off in the request (`versioning: { enabled: false }`) changes nothing there either.
 */
export function refuseOthers(resource: string, body: Json, known: readonly string[]): void {
  for (const [field, value] of Object.entries(body)) {
    if (!known.includes(field) && !isOff(value)) throw unimplemented(`the field ${field} of ${resource}`)
  }
}

function isOff(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '' || value === 0 || value === '0')
    return true
  return typeof value === 'object' && Object.values(value).every(isOff)
}

/** A text that a patch may clear with null. */
export const text = z.string().nullish()

/** The service keeps the values of these maps as text. */
export const textMap = z
  .record(z.string(), z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]).nullable())
  .nullish()

/** A map as it is after a patch: null removes an entry, or all of them. */
export function mergeMap(
  before: Readonly<Record<string, string>> | undefined,
  patch: Readonly<Record<string, string | null>> | null | undefined,
): Readonly<Record<string, string>> | undefined {
  if (patch === undefined) return before
  if (patch === null) return undefined
  const merged = Object.entries({ ...before, ...patch }).filter(([, value]) => value !== null)
  return merged.length === 0 ? undefined : (Object.fromEntries(merged) as Record<string, string>)
}
