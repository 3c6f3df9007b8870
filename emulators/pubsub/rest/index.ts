import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type protobuf from 'protobufjs'
import { type FaultPlan, jsonApi, lowerFirst, toHttpError, unimplemented } from '../../shared/index.ts'
import type { Methods } from '../handlers/method.ts'
import { readBody } from './body.ts'
import { statusBody } from './error.ts'
import { type HttpRule, httpRules } from './http-rule.ts'
import { print } from './print.ts'
import { readRequest } from './request.ts'
import { RestCaller } from './rest-caller.ts'
import { type Form, PLAIN_FORM, takeForm } from './system-parameters.ts'

export interface Service {
  readonly definition: protobuf.Service
  readonly methods: Methods
}

/**
 * The REST face of services that are defined for gRPC: each path, query and body becomes the same request message, which
 * goes to the same method (google/api/http.proto). A method without a handler answers 501 with its full name.
 */
export function restFace(services: readonly Service[], faults?: FaultPlan): FastifyInstance {
  const routes = services.flatMap(({ definition, methods }) =>
    httpRules(definition).map((rule) => ({ rule, handle: methods[lowerFirst(rule.method.name)] })),
  )
  const app = jsonApi(faults)
  app.register(async (api) => {
    const forms = new WeakMap<FastifyRequest, Form>()
    const send = (request: FastifyRequest, reply: FastifyReply, body: object) => {
      const { pretty } = forms.get(request) ?? PLAIN_FORM
      const text = JSON.stringify(body, null, pretty ? 2 : undefined)
      return reply.type('application/json; charset=UTF-8').send(`${text}\n`)
    }
    api.removeAllContentTypeParsers()
    api.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    api.setErrorHandler((thrown, request, reply) => {
      const { errors } = forms.get(request) ?? PLAIN_FORM
      const body = statusBody(toHttpError(thrown), errors)
      return send(request, reply.code(body.error.code), body)
    })
    api.route({
      method: ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'],
      url: '/v1/*',
      handler: async (request, reply) => {
        const [path = '', search] = request.url.split('?')
        const verb = verbOf(request)
        const route = routes.find(({ rule }) => rule.verb === verb && rule.path.test(path))
        if (!route) throw unimplemented(`${verb} ${path}`)
        const { rule, handle } = route
        if (!handle) throw unimplemented(fullName(rule))
        const { json, parameters } = await readBody(request)
        const query = new URLSearchParams(`${search ?? ''}&${parameters}`)
        const form = takeForm(query)
        forms.set(request, form)
        const variable = decodeURIComponent(rule.path.exec(path)![1]!)
        const message = readRequest(rule, { path: variable, query, body: json })
        const response = await handle(message as never, new RestCaller(request, reply))
        return send(request, reply, print(rule.method.resolvedResponseType!, response, form))
      },
    })
  })
  return app
}

/** A POST may stand for another verb (cloud.google.com/apis/docs/system-parameters). */
const verbOf = ({ method, headers }: FastifyRequest) =>
  method === 'POST' ? String(headers['x-http-method-override'] ?? method).toUpperCase() : method

const fullName = ({ method }: HttpRule) => method.fullName.slice(1)
