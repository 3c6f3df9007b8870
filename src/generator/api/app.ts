import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fastify, { type FastifyInstance } from 'fastify'
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import type { Logger } from '../../log.ts'
import type { Context } from './context.ts'
import { documentOf } from './document.ts'
import { eventRoutes } from './event-routes.ts'
import { Problem, problemHandler, sendProblem } from './problem.ts'
import { serviceRoutes } from './service-routes.ts'
import { statusRoutes } from './status-routes.ts'
import { taskRoutes } from './task-routes.ts'

const DESCRIPTION = `Publishes realistic events of a small shop to the topic of an event pipeline: one at a time, at a
steady rate, as a batch, or as one of the scenarios. The same seed gives the same events.`

/** Nothing comes from elsewhere; the pages' own policy would also have browsers ask for https. */
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; base-uri 'self'; object-src 'none'; frame-ancestors 'self'; img-src 'self' data:"

/** The REST API, without a port. The OpenAPI document and its pages come from the routes' own schemas. */
export async function createApp(context: Context, log: Logger): Promise<FastifyInstance> {
  const app = fastify()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(problemHandler(log))
  app.setNotFoundHandler(({ method, url }, reply) =>
    sendProblem(reply, new Problem(404, `There is no ${method} ${url}: see /docs.`)),
  )
  takeNoBody(app)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Sluice event generator', version: '1', description: DESCRIPTION },
      tags: [
        { name: 'events', description: 'One event at a time.' },
        { name: 'load', description: 'Many events: scenarios, steady rates, batches.' },
        { name: 'tasks', description: 'What is running, and what has run.' },
        { name: 'service', description: 'About the service itself.' },
      ],
    },
    transform: jsonSchemaTransform,
    transformObject: documentOf,
  })
  // Its files come with the package, and no validator is asked over the network.
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: CONTENT_SECURITY_POLICY,
    uiConfig: { validatorUrl: null, tryItOutEnabled: true, displayRequestDuration: true },
  })
  for (const routes of [serviceRoutes, eventRoutes, taskRoutes, statusRoutes]) await app.register(routes(context))
  return app
}

/** Where a body may be sent, none counts as an empty object; many clients send the header of a JSON body all the same. */
function takeNoBody(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') return done(null, {})
    return parse(request, String(body), done)
  })
  app.addHook('preValidation', async (request) => {
    if (request.routeOptions.schema?.body) request.body ??= {}
  })
}
