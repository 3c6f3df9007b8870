/**
 * What scripts/test-table-creation.sh needs to know of the catalogue:
 *
 *   node scripts/table-creation.ts samples      `TYPE TABLE EVENT` for each type: a valid event that happens now, as JSON
 *   node scripts/table-creation.ts check TYPE   reads `bq show --format=json` from standard input; exit code 1 and the
 *                                               differences when that table is not as the catalogue says
 */
import { json } from 'node:stream/consumers'
import { events } from '../src/catalogue/index.ts'
import { SeededSource } from '../src/generator/index.ts'
import { planTable } from '../src/tables/index.ts'

const [verb, type] = process.argv.slice(2)
const definition = events.get(type ?? '')

if (verb === 'samples') {
  const source = new SeededSource(Date.now() % 2 ** 31)
  source.setTime(Date.now())
  for (const { type: name, table, sample } of events.values()) console.log(name, table, JSON.stringify(sample(source)))
} else if (verb === 'check' && definition) {
  const plan = planTable((await json(process.stdin)) as object, definition)
  if (plan.action === 'evolve') console.log(plan.changes)
  if (plan.action === 'refuse') console.log(plan.differences)
  process.exitCode = plan.action === 'nothing' ? 0 : 1
} else {
  console.error('Usage: node scripts/table-creation.ts samples | check TYPE')
  process.exitCode = 2
}
