import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ServiceError } from '../../../shared/index.ts'
import { columnText, parameterOf, type RecordedCase, recordedCases, sameValue, typeText } from './corpus.ts'
import { type Database, openDatabase } from './database.ts'

const cases = recordedCases().filter((c) => !c.setupRest && !c.jobConfig && !c.name.startsWith('row_access/'))

const variables = { DATASET: 'proj-x.ds', PROJECT: 'proj-x', DATASET_ID: 'ds' }
const placed = (sql: string) =>
  sql.replaceAll(/\$\{(DATASET|PROJECT|DATASET_ID)\}/g, (_, name: keyof typeof variables) => variables[name])

/** Refused by name, or a matter of the catalog, which these tests have only in outline. */
const refused = (error: unknown) =>
  (error instanceof ServiceError && ['UNIMPLEMENTED', 'NOT_FOUND'].includes(error.code)) ||
  String(error).includes('unsupported: ')

/** Why a case cannot be judged here, or what is wrong with our answer, or nothing. */
async function judge(recorded: RecordedCase, database: Database): Promise<{ skipped?: string; wrong?: string }> {
  const parameters = (recorded.params?.parameters ?? []).map(parameterOf)
  if (parameters.includes(undefined)) return { skipped: 'a parameter of this type' }
  for (const step of recorded.setup ?? []) {
    if (typeof step !== 'string') return { skipped: 'a setup step that is no statement' }
    try {
      await database.run(placed(step))
    } catch (error) {
      if (refused(error)) return { skipped: String(error) }
      return { wrong: `setup: ${error}` }
    }
  }
  try {
    const answer = await database.run(placed(recorded.query), parameters as never)
    if (recorded.expectedError)
      return { wrong: `an answer, where BigQuery has ${recorded.expectedError.message_pattern}` }
    return compare(recorded, answer)
  } catch (error) {
    if (refused(error)) return { skipped: String(error) }
    const pattern = recorded.expectedError?.message_pattern
    if (pattern && new RegExp(pattern).test(String(error))) return {}
    return { wrong: `${error}` }
  }
}

function compare(recorded: RecordedCase, { columns, rows }: Awaited<ReturnType<Database['run']>>): { wrong?: string } {
  const types = recorded.expectedColumns!.map((c) => `${c.name} ${columnText(c)}`)
  const ours = columns.map((c) => `${c.name} ${typeText(c.type)}`)
  if (ours.length > 0 && types.join() !== ours.join()) return { wrong: `columns ${ours} instead of ${types}` }
  const expected = recorded.expectedRows!
  const same = (row: readonly unknown[], other: readonly unknown[]) =>
    row.every((v, i) => sameValue(v, other[i], columns[i]!.type))
  const left = [...expected]
  const odd = rows.filter((row) => {
    const at = left.findIndex((other) => same(row, other))
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
  const shown = (values: unknown) => JSON.stringify(values, (_, v) => (typeof v === 'bigint' ? String(v) : v))
  return odd.length > 0 || left.length > 0 ? { wrong: `rows ${shown(odd)} instead of ${shown(left)}` } : {}
}

describe.skipIf(cases.length === 0)('what compiles gives the answer that BigQuery gave', () => {
  let database: Database
  beforeAll(async () => {
    database = await openDatabase()
  })
  afterAll(() => database[Symbol.asyncDispose]())

  for (const recorded of cases) {
    test(recorded.name, async ({ skip }) => {
      database.tables.clear()
      const { wrong, skipped } = await judge(recorded, database)
      if (skipped !== undefined) skip(skipped)
      expect(wrong).toBeUndefined()
    })
  }
})

test.runIf(cases.length === 0)('the recorded answers of BigQuery are not here: nothing was compared with them', () => {
  expect(cases).toEqual([])
})
