import * as grpc from '@grpc/grpc-js'
import { type Code, ServiceError, wire } from './errors.ts'

/** What goes wrong with one call. */
export interface Fault {
  readonly code: Extract<Code, 'UNAVAILABLE' | 'DEADLINE_EXCEEDED' | 'RESOURCE_EXHAUSTED' | 'INTERNAL' | 'ABORTED'>
  /** `before`: nothing was done. `after`: it was done, and only the answer is lost. */
  readonly when: 'before' | 'after'
}

/**
 * Asked once for each call, so that a test can see what its code makes of a service that fails. A call is named by its
 * RPC, `google.pubsub.v1.Publisher.Publish`, or by its method and path, `POST /upload/storage/v1/b/bucket/o`.
 */
export type FaultPlan = (call: string) => Fault | undefined

export const errorOf = ({ code, when }: Fault): ServiceError =>
  new ServiceError(code, `An injected fault: ${when === 'before' ? 'nothing was done' : 'the answer was lost'}.`)

/** A stream fails `after` with the first response that it would have sent. */
export const faultInterceptor =
  (plan: FaultPlan): grpc.ServerInterceptor =>
  ({ path }, call) => {
    const fault = plan(path.slice(1).replace('/', '.'))
    if (fault === undefined) return new grpc.ServerInterceptingCall(call)
    const status = { code: wire[fault.code].grpc, details: errorOf(fault).message }
    if (fault.when === 'before') {
      return new grpc.ServerInterceptingCall(call, {
        start: (next) => next({ onReceiveMetadata: () => call.sendStatus(status) }),
      })
    }
    let failed = false
    const fail = () => {
      if (!failed) call.sendStatus(status)
      failed = true
    }
    return new grpc.ServerInterceptingCall(call, { sendMessage: fail, sendStatus: fail })
  }
