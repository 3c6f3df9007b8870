import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Task } from '../task.ts'
import type { Context } from './context.ts'
import { answer, Problem, problems } from './problem.ts'
import { taskShape } from './shapes.ts'
import { taskJson } from './task-json.ts'

/** How long a caller waits for the answers to what was under way when a task was stopped. */
const STOP_PATIENCE_MS = 5_000

const taskParams = z.object({ task_id: z.string() })
const unknownTask = { 404: 'There is no such task: it never was, or others have finished since.' }

/** Watching and stopping tasks. */
export const statusRoutes =
  ({ tasks }: Context): FastifyPluginCallbackZod =>
  (app, _options, done) => {
    app.get('/generate/status', {
      schema: {
        operationId: 'listTasks',
        tags: ['tasks'],
        summary: 'All tasks, the latest first',
        description: 'Those that run, and the last hundred that have finished.',
        response: { 200: taskList('All tasks.'), ...problems({}) },
      },
      handler: () => listed(tasks.all),
    })

    app.get('/generate/status/:task_id', {
      schema: {
        operationId: 'getTask',
        tags: ['tasks'],
        summary: 'How far a task is',
        params: taskParams,
        response: { 200: answer('As it is now.', taskShape), ...problems(unknownTask) },
      },
      handler: ({ params }) => taskJson(existing(params.task_id)),
    })

    app.delete('/generate/status/:task_id', {
      schema: {
        operationId: 'stopTask',
        tags: ['tasks'],
        summary: 'Stop a task',
        description: 'A task that has finished stays as it is.',
        params: taskParams,
        response: {
          200: answer('It has finished.', taskShape),
          202: answer('It publishes nothing new, and waits for answers to what it has published.', taskShape),
          ...problems(unknownTask),
        },
      },
      async handler({ params }, reply) {
        const task = existing(params.task_id)
        await stop([task])
        reply.code(task.isFinished ? 200 : 202)
        return taskJson(task)
      },
    })

    app.delete('/generate/stop', {
      schema: {
        operationId: 'stopAll',
        tags: ['tasks'],
        summary: 'Stop all tasks',
        response: {
          200: taskList('Those that were stopped; all have finished.'),
          202: taskList('Those that were stopped; some wait for answers to what they have published.'),
          ...problems({}),
        },
      },
      async handler(_request, reply) {
        const stopped = tasks.running
        await stop(stopped)
        reply.code(stopped.every(({ isFinished }) => isFinished) ? 200 : 202)
        return listed(stopped)
      },
    })

    function existing(id: string): Task {
      const task = tasks.get(id)
      if (!task) throw new Problem(404, `There is no task ${id}.`)
      return task
    }

    async function stop(some: readonly Task[]): Promise<void> {
      for (const task of some) task.stop()
      await tasks.ended(some, STOP_PATIENCE_MS)
    }

    done()
  }

const taskList = (description: string) => answer(description, z.object({ tasks: z.array(taskShape) }))

const listed = (tasks: readonly Task[]) => ({ tasks: tasks.map(taskJson) })
