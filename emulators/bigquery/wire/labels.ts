import { invalidArgument } from '../../shared/index.ts'
import type { Fields } from './fields.ts'

type Labels = Readonly<Record<string, string>>

/** The labels after a request: a patch adds to those before, and its nulls take away; otherwise they are replaced. */
export function readLabels(fields: Fields, patched?: Labels): Labels | undefined {
  const given = fields.any('labels')
  if (given === undefined) return patched
  if (given !== null && typeof given !== 'object') throw invalidArgument(`Invalid value at 'labels': ${given}`)
  const merged = Object.entries({ ...patched, ...given }).filter(([, value]) => value !== null)
  for (const [key, value] of merged) checkLabel(key, value)
  return Object.fromEntries(merged) as Labels
}

/** cloud.google.com/bigquery/docs/labels-intro#requirements */
function checkLabel(key: string, value: unknown): void {
  if (!/^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u.test(key)) throw invalidArgument(`Invalid label key: "${key}"`)
  if (typeof value !== 'string' || !/^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u.test(value)) {
    throw invalidArgument(`Invalid label value: "${value}"`)
  }
}
