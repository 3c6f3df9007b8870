import type { z } from 'zod'
import type { Task } from '../task.ts'
import type { taskShape } from './shapes.ts'

export function taskJson({ id, plan, state, progress }: Task): z.infer<typeof taskShape> {
  const { byType, startedAt, endsAt, eventsPerSecond, lastError, ...figures } = progress
  return {
    task_id: id,
    kind: plan.kind,
    ...(plan.scenario !== undefined && { scenario: plan.scenario }),
    state,
    requested: plan.requested,
    ...figures,
    by_type: byType,
    started_at: isoTime(startedAt),
    ends_at: endsAt === undefined ? null : isoTime(endsAt),
    events_per_second: { now: rounded(eventsPerSecond.now), average: rounded(eventsPerSecond.average) },
    last_error: lastError ?? null,
    seed: plan.seed,
  }
}

const isoTime = (milliseconds: number) => new Date(milliseconds).toISOString()
const rounded = (value: number) => Math.round(value * 100) / 100
