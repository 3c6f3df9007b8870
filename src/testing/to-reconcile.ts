import { complaintsOf, inFigures, isReconciled } from '../outputs/index.ts'
import { count, counted, wrapped } from '../text.ts'
import { insideOf } from './inside.ts'
import type { Matched } from './matchers.ts'
import { outputsOfStack } from './outputs.ts'
import { notDurableYet } from './settled.ts'

const SHOWN = 10

/** `expect(stack).toReconcile()`: each event that was published is there once, and as it was sent. */
export async function toReconcile(stack: unknown): Promise<Matched> {
  const inside = insideOf(stack, 'toReconcile')
  const notYet = notDurableYet(inside)
  const reconciliation = await outputsOfStack(inside).reconcile()
  const { missing, duplicated, unexpected, differing, published } = reconciliation
  const example = [...missing, ...duplicated, ...unexpected, ...differing][0]?.event_id
  return {
    pass: isReconciled(reconciliation),
    message: () =>
      isReconciled(reconciliation)
        ? `expected the stack not to reconcile, but each of ${counted(published, 'event')} is there once.`
        : [
            wrapped(`expected the stack to reconcile, but: ${inFigures(reconciliation)}`),
            ...complaintsOf(reconciliation).flatMap(({ heading, entries }) => [
              heading,
              ...entries.slice(0, SHOWN).map((entry) => wrapped(`  ${entry}`)),
              ...(entries.length > SHOWN ? [`  … and ${count(entries.length - SHOWN)} more`] : []),
            ]),
            ...notYet,
            ...(example
              ? [`Trace one: await stack.outputs.sql("FROM trace('${example.replaceAll("'", "''")}')")`]
              : []),
          ].join('\n'),
  }
}
