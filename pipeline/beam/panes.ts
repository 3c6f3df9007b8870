import './sdk.ts'
import {
  ClosingBehavior_Enum,
  OnTimeBehavior_Enum,
  type Trigger,
  type WindowingStrategy,
} from 'apache-beam/proto/beam_runner_api'
import { anyLateness } from './lateness.ts'

/**
 * When a runner hands on what it has gathered of a minute; never is an event handed on twice, and no event is too late.
 *
 * - `at once`: each event by itself, so that the runner's own bundles alone say how much comes together, and nothing waits
 *   in the runner's state;
 * - `{ everyMs }`: all that came within so many milliseconds (of processing time) after the first of them; with
 *   `maxMessages`, sooner if there are so many.
 */
export type Panes = 'at once' | { readonly everyMs: number; readonly maxMessages?: number }

/** Early and late are the same here: neither waits for the watermark, which mostly has passed an event's minute already. */
export function windowing(panes: Panes): WindowingStrategy {
  return {
    ...anyLateness,
    trigger: { trigger: { oneofKind: 'repeat', repeat: { subtrigger: firing(panes) } } },
    closingBehavior: ClosingBehavior_Enum.EMIT_IF_NONEMPTY,
    onTimeBehavior: OnTimeBehavior_Enum.FIRE_IF_NONEMPTY,
  }
}

const firing = (panes: Panes): Trigger => {
  if (panes === 'at once') return afterMessages(1)
  const { everyMs, maxMessages } = panes
  if (maxMessages === undefined) return afterMs(everyMs)
  const subtriggers = [afterMs(everyMs), afterMessages(maxMessages)]
  return { trigger: { oneofKind: 'afterAny', afterAny: { subtriggers } } }
}

const afterMessages = (elementCount: number): Trigger => ({
  trigger: { oneofKind: 'elementCount', elementCount: { elementCount } },
})

const afterMs = (delayMs: number): Trigger => ({
  trigger: {
    oneofKind: 'afterProcessingTime',
    afterProcessingTime: {
      timestampTransforms: [{ timestampTransform: { oneofKind: 'delay', delay: { delayMillis: BigInt(delayMs) } } }],
    },
  },
})
