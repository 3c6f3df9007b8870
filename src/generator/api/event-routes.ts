import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { events } from '../../catalogue/index.ts'
import { eventMessage } from '../message.ts'
import { SeededSource } from '../sample-source.ts'
import type { Context } from './context.ts'
import { answer, Problem, problems } from './problem.ts'
import { eventShape, eventTypeParams, publishedShape, sampleQuery } from './shapes.ts'

/** One event at a time. */
export const eventRoutes =
  ({ clock, source, publishNow }: Context): FastifyPluginCallbackZod =>
  (app, _options, done) => {
    app.get('/sample/:event_type', {
      schema: {
        operationId: 'sample',
        tags: ['events'],
        summary: 'A sample event, which is not published',
        params: eventTypeParams,
        querystring: sampleQuery,
        response: {
          200: answer('An event as producers send it.', eventShape),
          ...problems({ 404: 'There is no such event type.', 422: 'The query is invalid.' }),
        },
      },
      handler({ params, query }) {
        const from = query.seed === undefined ? source : new SeededSource(query.seed)
        from.setTime(clock.now())
        return events.get(params.event_type)!.sample(from)
      },
    })

    app.post('/generate/single/:event_type', {
      schema: {
        operationId: 'generateSingle',
        tags: ['events'],
        summary: 'Publish one event',
        params: eventTypeParams,
        body: z.strictObject({}),
        response: {
          200: answer('The event, and the ids that it and its message have.', publishedShape),
          ...problems({
            404: 'There is no such event type.',
            422: 'The body is not empty.',
            502: 'The topic did not take the message.',
          }),
        },
      },
      async handler({ params }) {
        source.setTime(clock.now())
        const generated = eventMessage(source, events.get(params.event_type)!)
        const message_id = await publishNow(generated).catch((thrown: unknown) => {
          throw new Problem(
            502,
            `The topic did not take the message: ${thrown instanceof Error ? thrown.message : thrown}`,
          )
        })
        return { event_id: generated.eventId, message_id, event: JSON.parse(generated.data.toString()) }
      },
    })
    done()
  }
