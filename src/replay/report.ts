import { styleText } from 'node:util'
import { inFigures } from '../outputs/index.ts'
import type { Example, Finding, Totals } from '../recording/index.ts'
import { count, counted, cut, wrapped } from '../text.ts'
import { expectedAndGot, inLine } from './values.ts'
import type { Verdict } from './verdict.ts'

/** Examples that are shown, over all findings of a fixture. */
const SHOWN = 20

/** A verdict for a person, at most 80 columns wide. `toUpdate` is what to do if the outputs are right. */
export function inWords(verdict: Verdict, toUpdate = 'run the same command with --update'): string {
  const { fixture, outcome, findings, totals } = verdict
  const head = `${fixture}: ${outcome}, ${figuresOf(verdict)}`
  const isNew = outcome === 'updated' && Object.values(totals).every(({ expected }) => expected === 0)
  if (outcome === 'as expected' || isNew) return wrapped(`${tick} ${head}${isNew ? '; expected/ is new' : ''}`)
  const share = Math.max(1, Math.floor(SHOWN / Math.max(1, findings.length)))
  let left = SHOWN
  const parts = findings.map((finding) => {
    const shown = finding.examples.slice(0, Math.min(share, left))
    left -= shown.length
    return inParagraph(finding, shown, verdict.totals)
  })
  return [
    wrapped(`${outcome === 'updated' ? tick : cross} ${head}`),
    ...losses(verdict),
    ...parts,
    ...(outcome === 'different' ? [wrapped(`  If these outputs are right, ${toUpdate}.`)] : []),
  ].join('\n')
}

const tick = styleText('green', '✔')
const cross = styleText('red', '✖')

/** The last line, about all fixtures together. */
export function summary(verdicts: readonly Verdict[], seconds: number): string {
  const bad = verdicts.filter(({ outcome }) => outcome === 'different' || outcome === 'not updated')
  const of = `${counted(verdicts.length, 'fixture')} in ${seconds.toFixed(1)} s`
  if (bad.length === 0) return `${tick} ${of}: all ${verdicts[0]?.outcome ?? 'well'}`
  return wrapped(`${cross} ${of}, ${count(bad.length)} ${bad[0]!.outcome}: ${bad.map((v) => v.fixture).join(', ')}`)
}

/** `3 messages, 2 rows, 2 raw lines, 1 dead letter` */
function figuresOf({ messages, totals }: Verdict): string {
  const sum = (prefix: string) =>
    Object.entries(totals)
      .filter(([file]) => file.startsWith(prefix) && !file.includes('dead_letter'))
      .reduce((all, [, { actual }]) => all + actual, 0)
  const letters = totals['tables/dead_letters']?.actual ?? 0
  const parts = [counted(messages, 'message'), counted(sum('tables/'), 'row'), counted(sum('raw/'), 'raw line')]
  return [...parts, ...(letters > 0 ? [counted(letters, 'dead letter')] : [])].join(', ')
}

function losses({ unsettled, complaints = [], outcome, reconciliation }: Verdict): string[] {
  const lost = `  ${counted(unsettled, 'message')} never became durable: the pipeline did not acknowledge ${unsettled === 1 ? 'it' : 'them'}.`
  return [
    ...(unsettled > 0 ? [wrapped(lost)] : []),
    ...complaints.map((text) => wrapped(`    ${text}`)),
    ...(outcome === 'not updated' && reconciliation
      ? [wrapped(`  expected/ stays: this run is no model (${inFigures(reconciliation)}).`)]
      : []),
  ]
}

function inParagraph(finding: Finding, shown: readonly Example[], totals: Totals): string {
  const more = finding.count - shown.length
  return [
    wrapped(`  ${styleText('bold', headline(finding, totals))}`),
    ...shown.map((example) => inLines(finding, example)),
    ...(more > 0 ? [`    … and ${count(more)} more`] : []),
  ].join('\n')
}

/** `orders, inventory: event_time is different in 250 of 250 rows, +1 h each` */
function headline({ kind, path, count: met, counts, change }: Finding, totals: Totals): string {
  const files = Object.keys(counts)
  const where = files.map(placeOf).join(', ')
  const expected = files.reduce((sum, file) => sum + (totals[file]?.expected ?? 0), 0)
  const noun = files[0]!.startsWith('tables/') ? 'row' : 'line'
  const of = `${count(met)} of ${counted(expected, noun)}`
  switch (kind) {
    case 'missing':
      return `${where}: ${of} ${met === 1 ? 'is' : 'are'} missing`
    case 'extra':
      return `${where}: ${counted(met, noun)} too many, of events that none was expected of`
    case 'unreadable':
      return `${where}: ${counted(met, noun)} cannot be read: no whole JSON object`
    case 'repeated':
      return `${where}: ${counted(met, noun)} too many, of events that have one already`
    case 'swapped':
      return `${where}: ${path} are swapped in ${of}`
    case 'different':
      return `${where}: ${path} ${inWhat(of, change)}`
  }
}

function inWhat(of: string, change: string | undefined): string {
  if (change === 'is gone' || change === 'is new') return `${change} in ${of}`
  return `is different in ${of}${change === undefined ? '' : `, ${change} each`}`
}

/** `orders` for `tables/orders`, `raw files of order` for `raw/order`. */
const placeOf = (file: string): string => file.replace(/^tables\//, '').replace(/^raw\//, 'raw ')

function inLines({ kind }: Finding, { event_id, path, expected, actual }: Example): string {
  if (kind === 'unreadable') return cut(`    ${(actual as { unreadable: string }).unreadable}`)
  if (kind !== 'different' && kind !== 'swapped') return cut(`    ${event_id}  ${inLine(expected ?? actual)}`)
  const name = /\[\d+\]/.test(path) ? `${event_id}  ${path}` : event_id
  return expectedAndGot(name, expected, actual)
}
