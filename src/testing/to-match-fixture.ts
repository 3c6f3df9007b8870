import { resolve } from 'node:path'
import { temporaryPlace } from '../outputs/index.ts'
import { inWords, judge, needsExpected, outputsOf } from '../replay/index.ts'
import { insideOf } from './inside.ts'
import type { Matched } from './matchers.ts'

/** `expect(stack).toMatchFixture(folder)`, after `stack.replay(folder)`: the verdict of `sluice replay`. */
export async function toMatchFixture(stack: unknown, folder: string): Promise<Matched> {
  const { own, replayed } = insideOf(stack, 'toMatchFixture')
  const found = replayed.get(resolve(folder))
  if (!found) throw new Error(`${folder} was not published to this stack: await stack.replay('${folder}') first.`)
  const { fixture } = found
  needsExpected(fixture)
  const started = performance.now()
  const unsettled = own.settlement.outstanding.length
  await using place = await temporaryPlace()
  const judged = await judge(fixture, await outputsOf(found, own, place.path), unsettled)
  const { about } = fixture
  const seconds = (performance.now() - started) / 1_000
  const verdict = { fixture: about.name, folder, messages: about.counts.messages, ...judged, seconds }
  return {
    pass: judged.outcome === 'as expected',
    message: () => inWords(verdict, `run \`sluice replay --update ${folder}\``),
  }
}
