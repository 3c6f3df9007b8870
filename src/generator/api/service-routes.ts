import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Context } from './context.ts'
import { answer, Problem, problems } from './problem.ts'
import { healthShape } from './shapes.ts'

/** About the service itself. */
export const serviceRoutes =
  ({ settings, tasks, metrics, findTopic }: Context): FastifyPluginCallbackZod =>
  (app, _options, done) => {
    app.get('/health', {
      schema: {
        operationId: 'health',
        tags: ['service'],
        summary: 'Whether the service can publish',
        response: {
          200: answer('The topic is there.', healthShape),
          ...problems({ 503: 'The topic is not there, or Pub/Sub does not answer.' }),
        },
      },
      async handler() {
        const { topic } = settings.resources
        await findTopic().catch((thrown: unknown) => {
          throw new Problem(
            503,
            `The topic ${topic} cannot be reached: ${thrown instanceof Error ? thrown.message : thrown}`,
          )
        })
        return {
          status: 'ok' as const,
          environment: settings.environment,
          project: settings.projectId,
          topic,
          running_tasks: tasks.running.length,
        }
      },
    })

    app.get('/metrics', {
      schema: {
        operationId: 'metrics',
        tags: ['service'],
        summary: 'Figures for Prometheus',
        response: {
          200: {
            description: 'The text format of Prometheus.',
            content: { 'text/plain': { schema: z.string() } },
          },
          ...problems({}),
        },
      },
      handler: async (_request, reply) => {
        const text = await metrics.registry.metrics()
        return reply.type(metrics.registry.contentType).serializer(String).send(text)
      },
    })

    app.get('/openapi.json', {
      schema: {
        operationId: 'openapi',
        tags: ['service'],
        summary: 'This description',
        response: { 200: answer('An OpenAPI document.', z.looseObject({ openapi: z.string() })), ...problems({}) },
      },
      handler: () => z.looseObject({ openapi: z.string() }).parse(app.swagger()),
    })
    done()
  }
