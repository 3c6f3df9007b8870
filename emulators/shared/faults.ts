import * as grpc from '@grpc/grpc-js'
import { type Code, ServiceError, wire } from './errors.ts'

/** What goes wrong with one call. */
export type Fault = Failure | Hang

export interface Failure {
  readonly code: Extract<Code, 'UNAVAILABLE' | 'DEADLINE_EXCEEDED' | 'RESOURCE_EXHAUSTED' | 'INTERNAL' | 'ABORTED'>
  /** `before`: nothing was done. `after`: it was done, and only the answer is lost. */
  readonly when: 'before' | 'after'
}

/** Nothing is done until this resolves, if ever; then the call goes on as if nothing had been. */
export interface Hang {
  readonly until: Promise<unknown>
}

/**
 * Asked once for each call, so that a test can see what its code makes of a service that fails. A call is named by its
 * RPC, `google.pubsub.v1.Publisher.Publish`, or by its method and path, `POST /upload/storage/v1/b/bucket/o`. `routing`
 * says what an RPC is about, as Google's clients do for their servers: `write_stream=projects/p/datasets/…`.
 */
export type FaultPlan = (call: string, routing: string) => Fault | undefined

export const errorOf = ({ code, when }: Failure): ServiceError =>
  new ServiceError(code, `An injected fault: ${when === 'before' ? 'nothing was done' : 'the answer was lost'}.`)

/** A stream fails `after` with the first response that it would have sent. */
export const faultInterceptor =
  (plan: FaultPlan): grpc.ServerInterceptor =>
  ({ path }, call) => {
    let lost: Failure | undefined
    let failed = false
    const fail = (fault: Failure) => {
      if (!failed) call.sendStatus({ code: wire[fault.code].grpc, details: errorOf(fault).message })
      failed = true
    }
    return new grpc.ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata(metadata, goOn) {
            const fault = plan(path.slice(1).replace('/', '.'), String(metadata.get('x-goog-request-params')[0] ?? ''))
            if (fault && 'until' in fault) return void fault.until.then(() => goOn(metadata))
            if (fault?.when === 'before') return fail(fault)
            lost = fault
            goOn(metadata)
          },
        }),
      sendMessage: (message, next) => (lost ? fail(lost) : next(message)),
      sendStatus: (status, next) => (lost ? fail(lost) : next(status)),
    })
  }
