import type { FastifyReply } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type LoadOptions, type Plan, type PlanOptions, planLoad, planScenario } from '../plan.ts'
import { scenarios } from '../scenarios.ts'
import type { Task } from '../task.ts'
import { TooManyTasks } from '../tasks.ts'
import type { Context } from './context.ts'
import { answer, Problem, problems } from './problem.ts'
import { loadBody, scenarioBody, scenarioShape, taskShape } from './shapes.ts'
import { taskJson } from './task-json.ts'

/** How long a batch may keep its caller waiting. */
const BATCH_PATIENCE_MS = 10_000

const names = [...scenarios.keys()]
const started = answer('It runs; the header `location` says where to watch it.', taskShape)
const refusals = { 422: 'The body is invalid.', 429: 'As many tasks run as may: stop one, or wait.' }

type Body<Shape extends (environment: string) => z.ZodType> = z.output<ReturnType<Shape>>

/** What starts a task. */
export const taskRoutes =
  ({ settings, tasks, newSeed }: Context): FastifyPluginCallbackZod =>
  (app, _options, done) => {
    const { environment } = settings

    app.get('/scenarios', {
      schema: {
        operationId: 'listScenarios',
        tags: ['load'],
        summary: 'The scenarios: named loads',
        response: { 200: answer('All of them.', z.object({ scenarios: z.array(scenarioShape) })), ...problems({}) },
      },
      handler: () => ({
        scenarios: Array.from(scenarios.values(), ({ name, description, events, minutes }) => ({
          name,
          description,
          events,
          duration_minutes: minutes,
          events_per_minute: events / minutes,
        })),
      }),
    })

    app.post('/scenarios/:name/start', {
      schema: {
        operationId: 'startScenario',
        tags: ['load'],
        summary: 'Start a scenario',
        params: z.object({ name: z.enum(names, `There is no such scenario: known are ${names.join(', ')}.`) }),
        body: scenarioBody(environment),
        response: { 202: started, ...problems({ 404: 'There is no such scenario.', ...refusals }) },
      },
      handler({ params, body }, reply) {
        return accepted(reply, start(planScenario(scenarios.get(params.name)!, optionsOf(body))))
      },
    })

    app.post('/generate/start', {
      schema: {
        operationId: 'startLoad',
        tags: ['load'],
        summary: 'Publish at a steady rate',
        body: loadBody(environment),
        response: { 202: started, ...problems(refusals) },
      },
      handler: ({ body }, reply) => accepted(reply, start(planLoad('start', loadOf(body)))),
    })

    app.post('/generate/batch', {
      schema: {
        operationId: 'generateBatch',
        tags: ['load'],
        summary: 'Publish as many events at once, as fast as the topic takes them',
        description: 'The event times are those of the last `duration_minutes`.',
        body: loadBody(environment),
        response: {
          200: answer('Everything is published, or the batch was stopped.', taskShape),
          202: answer('It takes longer than ten seconds; the header `location` says where to watch it.', taskShape),
          ...problems({ ...refusals, 502: 'The topic did not take every message.' }),
        },
      },
      async handler({ body }, reply) {
        const task = start(planLoad('batch', loadOf(body)))
        await tasks.ended([task], BATCH_PATIENCE_MS)
        if (!task.isFinished) return accepted(reply, task)
        if (task.state !== 'failed') return taskJson(task)
        const { published, lastError } = task.progress
        const detail = `${published} of ${task.plan.requested} messages were published: ${lastError}`
        throw new Problem(502, detail, { task_id: task.id })
      },
    })

    const optionsOf = ({ seed = newSeed(), time_scale, ordering_key }: Body<typeof scenarioBody>): PlanOptions => ({
      seed,
      timeScale: time_scale,
      inOrder: ordering_key !== undefined,
    })

    const loadOf = (body: Body<typeof loadBody>): LoadOptions => ({
      ...optionsOf(body),
      eventsPerMinute: body.events_per_minute,
      durationMinutes: body.duration_minutes,
      malformedRatio: body.malformed_ratio,
      duplicateRatio: body.duplicate_ratio,
      ...(body.event_types && { eventTypes: body.event_types }),
    })

    function start(plan: Plan): Task {
      try {
        return tasks.start(plan)
      } catch (thrown) {
        if (!(thrown instanceof TooManyTasks)) throw thrown
        throw new Problem(429, `${thrown.message} Stop one with DELETE /generate/status/{task_id}.`)
      }
    }

    function accepted(reply: FastifyReply, task: Task) {
      reply.code(202).header('location', `/generate/status/${task.id}`)
      return taskJson(task)
    }

    done()
  }
