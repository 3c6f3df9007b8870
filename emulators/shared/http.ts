import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { ServiceError, toServiceError, unimplemented, wire } from './errors.ts'
import { errorOf, type Failure, type FaultPlan } from './faults.ts'

/**
 * A Fastify application with the one error boundary of all JSON APIs here. A route returns its answer or throws a
 * ServiceError; a path that nobody serves answers 501 with its name, since the real service may well have it.
 */
export function jsonApi(faults?: FaultPlan): FastifyInstance {
  const app = fastify({
    bodyLimit: 100 * 2 ** 20,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    frameworkErrors: (thrown, _request, reply: FastifyReply) => reply.code(400).send(errorBody(toHttpError(thrown))),
    routerOptions: { maxParamLength: 2_048, ignoreTrailingSlash: true },
  })
  if (faults) inject(app, faults)
  app.setErrorHandler((thrown, _request, reply) => {
    const error = toHttpError(thrown)
    return reply.code(httpStatus(error)).send(errorBody(error))
  })
  app.setNotFoundHandler((request) => {
    throw unimplemented(`${request.method} ${request.url.split('?')[0]}`)
  })
  return app
}

function inject(app: FastifyInstance, plan: FaultPlan): void {
  const lost = new WeakMap<object, Failure>()
  app.addHook('onRequest', async (request) => {
    const fault = plan(`${request.method} ${request.url.split('?')[0]}`, '')
    if (fault === undefined) return
    if ('until' in fault) await fault.until
    else if (fault.when === 'before') throw errorOf(fault)
    else lost.set(request, fault)
  })
  app.addHook('onSend', async (request, reply, payload) => {
    const fault = lost.get(request)
    if (!fault) return payload
    const error = errorOf(fault)
    reply.code(httpStatus(error)).removeHeader('content-length').type('application/json')
    return JSON.stringify(errorBody(error))
  })
}

const httpStatus = (error: ServiceError) => error.options.http ?? wire[error.code].http

/** The error body of Google's JSON APIs (cloud.google.com/apis/design/errors#http_mapping, v1 form). */
export function errorBody(error: ServiceError) {
  const code = httpStatus(error)
  const reason = error.options.reason ?? wire[error.code].reason
  const location = error.options.location && {
    locationType: error.options.location.type,
    location: error.options.location.name,
  }
  const { message } = error
  return { error: { code, message, errors: [{ message, domain: 'global', reason, ...location }], status: error.code } }
}

/** What a route threw. Fastify's own refusals are the caller's fault: a bad URL, a body that is not JSON or too large. */
export function toHttpError(thrown: unknown): ServiceError {
  if (!isClientFault(thrown)) return toServiceError(thrown)
  const options = { http: thrown.statusCode, reason: 'badRequest', cause: thrown }
  return new ServiceError('INVALID_ARGUMENT', thrown.message, options)
}

const isClientFault = (thrown: unknown): thrown is Error & { statusCode: number } =>
  thrown instanceof Error && 'statusCode' in thrown && Number(thrown.statusCode) < 500
