import type { Fault, FaultPlan } from '../stack/index.ts'

export interface FailingCalls {
  /** How many calls fail, the first ones that match; 1 unless told otherwise. */
  readonly times?: number
  /** UNAVAILABLE unless told otherwise. */
  readonly code?: Extract<Fault, { code: unknown }>['code']
  /** `before`, the default: nothing was done. `after`: it was done, and only the answer is lost. */
  readonly when?: 'before' | 'after'
}

/**
 * The first calls to the emulators that match fail. A call is an RPC, `google.pubsub.v1.Publisher.Publish`, for which its
 * last part will do, or a method and a path: `POST /upload/storage/v1/b/BUCKET/o`. The stack's own calls count too.
 */
export function failing(
  call: string | RegExp,
  { times = 1, code = 'UNAVAILABLE', when = 'before' }: FailingCalls = {},
): FaultPlan {
  const isMeant = (name: string) =>
    typeof call === 'string' ? name === call || name.endsWith(`.${call}`) : call.test(name)
  let left = times
  return (name) => (left > 0 && isMeant(name) && left-- > 0 ? { code, when } : undefined)
}

/** Several plans in one: a call fails as the first of them says that has something to say of it. */
export const eitherOf =
  (...plans: readonly FaultPlan[]): FaultPlan =>
  (call, routing) => {
    for (const plan of plans) {
      const fault = plan(call, routing)
      if (fault) return fault
    }
    return undefined
  }
