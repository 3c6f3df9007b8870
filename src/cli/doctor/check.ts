import { CredentialsError } from '../../credentials.ts'
import { codeOf } from '../../resources.ts'
import { GRPC, HTTP } from './codes.ts'

/** `fault`: something does not work, or will not. `note`: worth knowing. `skipped`: not asked, and why. */
export type Status = 'well' | 'note' | 'fault' | 'skipped'

export interface Finding {
  readonly status: Status
  /** What was found, in words that follow the name of the check. */
  readonly detail: string
  /** What to do about it: a sentence or a command. */
  readonly mend?: string
}

export interface Check {
  /** One of its kind among all checks. */
  readonly name: string
  /** Names of the checks without whose success there is no point in asking. */
  readonly needs?: readonly string[]
  /** Throws when it cannot tell: that is a fault too. */
  run(): Promise<Finding> | Finding
}

export interface Group {
  readonly title: string
  readonly checks: readonly Check[]
}

export interface Result extends Finding {
  readonly group: string
  readonly name: string
  readonly milliseconds: number
}

export interface RunOptions {
  /** After this a check counts as one without an answer. */
  readonly limitMs: number
  readonly onStart?: (name: string) => void
  readonly onEnd?: (name: string) => void
}

/** Runs all checks side by side; one that fails, or takes too long, stops only those that need it. */
export async function runChecks(groups: readonly Group[], options: RunOptions): Promise<Result[]> {
  const results = new Map<string, Promise<Result>>()
  const start = async (group: string, check: Check): Promise<Result> => {
    await Promise.resolve() // all of them are in the map before the first one looks another up
    const needed = await Promise.all((check.needs ?? []).map((name) => results.get(name)))
    const lacking = needed.find((result) => result?.status === 'fault' || result?.status === 'skipped')
    const begun = performance.now()
    const finding = lacking ? notAsked(lacking) : await outcome(check, options)
    return { group, name: check.name, ...finding, milliseconds: Math.round(performance.now() - begun) }
  }
  for (const { title, checks } of groups) for (const check of checks) results.set(check.name, start(title, check))
  return Promise.all(results.values())
}

const notAsked = ({ name }: Result): Finding => ({ status: 'skipped', detail: `not asked: needs ${name}` })

async function outcome(check: Check, { limitMs, onStart, onEnd }: RunOptions): Promise<Finding> {
  onStart?.(check.name)
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<Finding>((resolve) => {
    const finding = { status: 'fault', detail: `no answer within ${limitMs / 1_000} s` } as const
    timer = setTimeout(resolve, limitMs, finding)
  })
  const run = async () => check.run()
  try {
    return await Promise.race([run(), tooLong])
  } catch (thrown) {
    return { status: 'fault', ...explained(thrown) }
  } finally {
    clearTimeout(timer)
    onEnd?.(check.name)
  }
}

/** An error of a client in one line, and what mends it where that is known. */
export function explained(thrown: unknown): Pick<Finding, 'detail' | 'mend'> {
  if (thrown instanceof CredentialsError) return { detail: thrown.reason, mend: thrown.mend }
  const message = (thrown instanceof Error ? thrown.message : String(thrown)).trim()
  const [, code = ''] = /\b(E[A-Z_]{4,})\b/.exec(message) ?? []
  const reason = CONNECTION_FAULTS[code]
  if (reason) return { detail: `${reason} (${code})` }
  if (message.includes('DEADLINE_EXCEEDED')) return { detail: 'no answer in time' }
  const detail = message.split('\n')[0]!
  const isOff = /has not been used in project|SERVICE_DISABLED|API .* disabled/.test(detail)
  const service = /(\w+)\.googleapis\.com/.exec(detail)?.[1]
  if (isOff && service) return { detail, mend: `gcloud services enable ${service}.googleapis.com` }
  return DENIED.has(codeOf(thrown)) ? { detail, mend: 'See the permissions below, and identity above.' } : { detail }
}

const DENIED = new Set<unknown>([GRPC.PERMISSION_DENIED, GRPC.UNAUTHENTICATED, HTTP.UNAUTHENTICATED, HTTP.FORBIDDEN])

/** In the middle of what gRPC and HTTP clients make of them. */
const CONNECTION_FAULTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name is not found',
  EAI_AGAIN: 'names cannot be looked up',
  ETIMEDOUT: 'no connection in time',
  ECONNRESET: 'the connection was cut',
  EHOSTUNREACH: 'there is no way there',
  ENETUNREACH: 'there is no way there',
}
