import './beam/sdk.ts'
import { fixedWindows, flatten, P, type PCollection, windowInto, withName } from 'apache-beam'
import { groupByKey } from 'apache-beam/transforms/internal'
import { keyedText, ReceivedCoder, text } from './beam/coders.ts'
import { anyLateness } from './beam/lateness.ts'
import { parDo } from './beam/par-do.ts'
import { writeRawFiles } from './sinks/write-raw-files.ts'
import { writeRows } from './sinks/write-rows.ts'
import { deadLetterLines, decodeMessages, eventLines, minuteOfKey } from './stages.ts'
import type { Message } from './transforms/message.ts'
import type { TimeBounds } from './transforms/time-bounds.ts'

export interface GraphOptions {
  /** How late and how early an event may be. */
  readonly bounds?: TimeBounds
  /** When a minute is handed on, where a runner gathers one over several bundles. */
  readonly windowing?: typeof anyLateness
}

/**
 * messages ──▶ decode ──┬─▶ events ────────┐
 *                       └─▶ dead letters ──┴─▶ window ──▶ group by type and minute ──▶ raw files ──▶ rows
 *
 * The result names the raw files whose rows are durable.
 */
export function graph(
  messages: PCollection<Message>,
  { bounds = {}, windowing = anyLateness }: GraphOptions = {},
): PCollection<string> {
  const received = messages.apply(parDo(decodeMessages, new ReceivedCoder(), bounds))
  const events = received.apply(parDo(eventLines, keyedText))
  const letters = received.apply(parDo(deadLetterLines, keyedText))
  return P([events, letters])
    .apply(flatten())
    .apply(parDo(minuteOfKey, keyedText))
    .apply(withName('minutes', windowInto(fixedWindows(60), windowing)))
    .apply(groupByKey())
    .apply(parDo(writeRawFiles, keyedText))
    .apply(parDo(writeRows, text))
}
