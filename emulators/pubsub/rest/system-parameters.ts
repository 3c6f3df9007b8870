import { invalidArgument, unimplemented } from '../../shared/index.ts'
import type { ErrorForm } from './error.ts'

/** What a caller asks of the answer's form. */
export interface Form {
  readonly enumsAsInts: boolean
  readonly pretty: boolean
  readonly errors: ErrorForm
}

export const PLAIN_FORM: Form = { enumsAsInts: false, pretty: true, errors: '2' }

/** Who calls and who pays does not matter here. */
const WITHOUT_EFFECT = ['key', 'access_token', 'oauth_token', 'quotaUser', 'userIp']
const UNSUPPORTED = ['fields', 'callback', 'uploadType', 'upload_protocol']

/**
 * Takes the parameters that all of Google's REST APIs have out of a query, with or without their `$`
 * (cloud.google.com/apis/docs/system-parameters). Those that would change the answer and are not honoured are UNIMPLEMENTED.
 */
export function takeForm(query: URLSearchParams): Form {
  const take = (name: string, otherwise: string) => {
    const value = query.get(`$${name}`) ?? query.get(name) ?? otherwise
    query.delete(name)
    query.delete(`$${name}`)
    return value
  }
  for (const name of UNSUPPORTED) {
    if (query.has(name) || query.has(`$${name}`)) throw unimplemented(`The query parameter ${name}`)
  }
  for (const name of WITHOUT_EFFECT) take(name, '')
  return {
    enumsAsInts: hasIntEnums(take('alt', 'json')),
    pretty: isPretty(take('prettyPrint', 'true')),
    errors: errorForm(take('.xgafv', '2')),
  }
}

function hasIntEnums(alt: string): boolean {
  if (alt === 'json' || alt === 'json;enum-encoding=string') return false
  if (alt === 'json;enum-encoding=int') return true
  throw unimplemented(`alt=${alt}`)
}

function isPretty(value: string): boolean {
  if (['true', '1'].includes(value)) return true
  if (['false', '0'].includes(value)) return false
  throw invalidArgument(`Invalid value for the query parameter prettyPrint: ${value}`)
}

function errorForm(value: string): ErrorForm {
  if (value === '1' || value === '2') return value
  throw invalidArgument(`Invalid value for the query parameter $.xgafv: ${value}`)
}
