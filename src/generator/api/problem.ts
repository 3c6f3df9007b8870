import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Logger } from '../../log.ts'

export const PROBLEM_JSON = 'application/problem+json'

/** RFC 9457, without a type of its own: then the title is the status code's own phrase (section 4.2.1). */
export const problemShape = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What went wrong here, and how to mend it.'),
    errors: z
      .array(z.object({ path: z.string().describe('Where: `event_types[0]`.'), message: z.string() }))
      .optional()
      .describe('Every violation of an invalid request.'),
    task_id: z.string().optional().describe('The task that it is about.'),
  })
  .meta({ id: 'Problem' })

type Members = Pick<z.infer<typeof problemShape>, 'errors' | 'task_id'>

const PHRASES = {
  400: 'Bad Request',
  404: 'Not Found',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
} as const
export type ProblemStatus = keyof typeof PHRASES

/** Thrown by a handler: what the caller is told. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: ProblemStatus
  readonly members: Members

  constructor(status: ProblemStatus, detail: string, members: Members = {}) {
    super(detail)
    this.status = status
    this.members = members
  }
}

/** For a route's schema: what it answers with. */
export const answer = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
})

/** For a route's schema: the problems that it may answer with, besides its success. */
export function problems(descriptions: Partial<Record<ProblemStatus, string>>) {
  const all = { ...descriptions, 500: 'A fault of the service, which its log tells of.' }
  return Object.fromEntries(
    Object.entries(all).map(([status, description]) => [
      status,
      { description, content: { [PROBLEM_JSON]: { schema: problemShape } } },
    ]),
  )
}

/** Everything that is thrown on the way of a request ends here. */
export const problemHandler = (log: Logger) => (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => {
  const problem = problemOf(thrown)
  if (problem.status === 500) log.error({ error: thrown, url: request.url }, 'a request failed')
  return sendProblem(reply, problem)
}

export function sendProblem(reply: FastifyReply, { status, message, members }: Problem): FastifyReply {
  if (status === 429) reply.header('retry-after', '5')
  return reply
    .code(status)
    .type(PROBLEM_JSON)
    .send({ type: 'about:blank', title: PHRASES[status], status, detail: message, ...members })
}

function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  if (hasZodFastifySchemaValidationErrors(thrown)) return invalid(thrown)
  const { statusCode = 500, message } = thrown as FastifyError
  if (statusCode === 415) return new Problem(415, 'The body must be JSON: send `content-type: application/json`.')
  if (isClientError(statusCode)) return new Problem(statusCode, message)
  return new Problem(500, 'Something went wrong here; the log of the service says what.')
}

const isClientError = (status: number): status is 400 | 404 | 413 => [400, 404, 413].includes(status)

type Invalid = Parameters<typeof hasZodFastifySchemaValidationErrors>[0] & {
  readonly validationContext?: string
  readonly validation: readonly { instancePath: string; message?: string; params: Record<string, unknown> }[]
}

/** A name in the path that does not exist is nothing that could be invalid: it is not there. */
function invalid({ validation, validationContext }: Invalid): Problem {
  if (validationContext === 'params') return new Problem(404, validation.map(({ message = '' }) => message).join(' '))
  const errors = validation.flatMap(({ instancePath, message = 'is invalid', params }) => {
    const steps = instancePath.split('/').filter(Boolean)
    if (!Array.isArray(params.keys)) return [{ path: pathText(steps), message }]
    return params.keys.map((key) => ({ path: pathText([...steps, String(key)]), message: 'is not a known field' }))
  })
  const where = validationContext === 'querystring' ? 'query' : 'body'
  return new Problem(422, `The ${where} has ${errors.length === 1 ? 'a fault' : `${errors.length} faults`}.`, {
    errors,
  })
}

const pathText = (steps: readonly string[]): string =>
  steps.reduce((text, step) => (/^\d+$/.test(step) ? `${text}[${step}]` : `${text}${text && '.'}${step}`), '')
