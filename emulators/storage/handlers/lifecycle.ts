import { z } from 'zod'
import { invalidArgument, unimplemented } from '../../shared/index.ts'
import type { LifecycleRule } from '../model/lifecycle.ts'
import { refuseOthers } from './body.ts'

const ACTIONS = ['Delete', 'SetStorageClass', 'AbortIncompleteMultipartUpload'] as const

/** The field `lifecycle` of a bucket (cloud.google.com/storage/docs/json_api/v1/buckets#resource). */
export const lifecycleShape = z
  .object({
    rule: z
      .array(
        z.object({
          action: z.object({ type: z.enum(ACTIONS) }),
          condition: z.looseObject({ age: z.int().nonnegative().nullish() }),
        }),
      )
      .max(100, 'a bucket has at most 100 rules')
      .nullish(),
  })
  .nullish()

/** Undefined where there are no rules. What else than deletion by age a rule asks for is refused by its name. */
export function lifecycleRules(lifecycle: z.infer<typeof lifecycleShape>): readonly LifecycleRule[] | undefined {
  const rules = (lifecycle?.rule ?? []).map(({ action, condition: { age, ...others } }) => {
    if (action.type !== 'Delete') throw unimplemented(`the lifecycle action ${action.type}`)
    refuseOthers('lifecycle conditions', others, [])
    if (age === null || age === undefined) throw invalidArgument('A lifecycle rule must have at least one condition.')
    return { ageDays: age }
  })
  return rules.length > 0 ? rules : undefined
}

export const lifecycleResource = (rules: readonly LifecycleRule[]) => ({
  rule: rules.map(({ ageDays }) => ({ action: { type: 'Delete' }, condition: { age: ageDays } })),
})
