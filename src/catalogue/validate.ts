import type { z } from 'zod'
import type { Event, EventDefinition } from './definition.ts'

/** Why a message can never become an event. */
export const VALIDATION_REASONS = ['missing_field', 'wrong_type', 'invalid_time', 'invalid_value'] as const
export type ValidationReason = (typeof VALIDATION_REASONS)[number]

export interface Violation {
  /** Where in the JSON: `items[0].quantity`. */
  readonly path: string
  readonly reason: ValidationReason
  readonly message: string
}

export type Validated =
  | {
      readonly ok: true
      readonly event: Event /** Paths that no definition names. */
      readonly unknownFields: string[]
    }
  | { readonly ok: false /** At least one. */; readonly violations: readonly [Violation, ...Violation[]] }

/** Checks JSON against a definition. A field that the definition does not name is reported, not refused. */
export function validate({ schema }: EventDefinition, value: unknown): Validated {
  const parsed = schema.safeParse(value, { reportInput: true })
  if (parsed.success) return { ok: true, event: parsed.data as Event, unknownFields: [] }
  const [first, ...others] = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? [] : [violation(issue)],
  )
  if (first) return { ok: false, violations: [first, ...others] }
  const unknownFields = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => pathText([...issue.path, key])) : [],
  )
  return { ok: true, event: value as Event, unknownFields }
}

function violation(issue: z.core.$ZodIssue): Violation {
  const path = pathText(issue.path)
  if (issue.input === undefined || issue.input === null)
    return { path, reason: 'missing_field', message: 'is required' }
  return { path, reason: reasonOf(issue), message: issue.message }
}

function reasonOf(issue: z.core.$ZodIssue): ValidationReason {
  if (issue.code === 'invalid_type' || issue.code === 'invalid_union') return 'wrong_type'
  if (issue.code === 'invalid_value' && typeof issue.input !== 'string') return 'wrong_type'
  if (issue.code === 'invalid_format' && issue.format === 'datetime') return 'invalid_time'
  return 'invalid_value'
}

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text}${text && '.'}${String(step)}`),
    '',
  )
