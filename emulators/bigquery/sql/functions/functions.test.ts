import { expect, test } from 'vitest'
import { ServiceError } from '../../../shared/index.ts'
import { physicalType } from '../../model/physical.ts'
import { openDatabase } from '../tests/database.ts'
import { overloads } from './registry.ts'
import type { Overload, Pattern } from './signature.ts'

/** A value of each type, as a literal. */
const samples: Record<string, string> = {
  BOOL: 'TRUE',
  INT64: '2',
  FLOAT64: '0.5',
  NUMERIC: "NUMERIC '1.5'",
  BIGNUMERIC: "BIGNUMERIC '1.5'",
  STRING: "'12'",
  BYTES: "b'ab'",
  DATE: "DATE '2024-01-31'",
  TIME: "TIME '12:34:56.5'",
  DATETIME: "DATETIME '2024-01-31 12:34:56.5'",
  TIMESTAMP: "TIMESTAMP '2024-01-31 12:34:56.5+00'",
  JSON: `JSON '{"a": [1, "x"]}'`,
  T: '3',
  ANY: '4',
}

/** Arguments that must be something in particular to make sense. */
const special: Record<string, readonly string[]> = {
  DATE: ['2024', '1', '31'],
  TIME: ['12', '34', '56'],
  DATETIME: ['2024', '1', '31', '12', '34', '56'],
  INT64: ["JSON '5'"],
  FLOAT64: ["JSON '5.5'"],
  BOOL: ["JSON 'true'"],
  FORMAT_DATE: ["'%F'"],
  FORMAT_TIME: ["'%T'"],
  FORMAT_DATETIME: ["'%F'"],
  FORMAT_TIMESTAMP: ["'%F'", samples.TIMESTAMP!, "'UTC'"],
  PARSE_DATE: ["'%F'", "'2024-01-31'"],
  PARSE_TIME: ["'%T'", "'12:34:56'"],
  PARSE_DATETIME: ["'%F'", "'2024-01-31'"],
  PARSE_TIMESTAMP: ["'%F'", "'2024-01-31'", "'UTC'"],
  PARSE_JSON: ["'[1]'"],
  FROM_BASE64: ["'YWI='"],
  ASIN: ['0.5'],
  ACOSH: ['1.5'],
}

const literal = (type: Pattern): string => (typeof type === 'string' ? samples[type]! : `[${literal(type.array)}]`)

function argumentsOf({ name, params }: Overload, full: boolean): string[] {
  return params
    .filter((p) => full || !p.optional)
    .map((p, i) => {
      const path = /^JSON_(EXTRACT|QUERY|VALUE)/.test(name) && i === 1
      if (path) return "'$.a'"
      const zone = p.type === 'STRING' && i === 1 && /^(DATE|TIME|DATETIME|TIMESTAMP|STRING)$/.test(name)
      if (zone) return "'America/New_York'"
      if (name === 'TIMESTAMP' && p.type === 'STRING' && i === 0) return "'2024-01-31'"
      if (name === 'STRING' && p.type === 'JSON') return `JSON '"x"'`
      const own = special[name]?.[i]
      const parts = /^(DATE|TIME|DATETIME)$/.test(name) && p.type !== 'INT64'
      return own && !parts ? own : literal(p.type)
    })
}

const database = await openDatabase()

/** The physical type of the call's result. */
async function run(overload: Overload, args: readonly string[], fromColumns: boolean): Promise<string | undefined> {
  const over = overload.kind === 'window' ? ' OVER (ORDER BY 1)' : ''
  const names = args.map((_, i) => (fromColumns ? `v${i}` : args[i]!))
  const columns = args.map((arg, i) => `${arg} AS v${i}`).join(', ')
  const from = columns && fromColumns ? ` FROM (SELECT ${columns})` : ''
  const { columns: typed, types } = await database.typed(
    `SELECT ${overload.name}(${names.join(', ')})${over} AS r${from}`,
  )
  expect(types[0]).toBe(
    physicalType(typed[0]!.type).replaceAll('TIMESTAMPTZ', 'TIMESTAMP WITH TIME ZONE').replaceAll('JSON', 'VARCHAR'),
  )
  return types[0]
}

/** ERROR has no answer by design. */
const all = [...overloads.values()].flat().filter((o) => o.name !== 'ERROR')

test.each(all.map((o) => [`${o.shown}${o.kind === 'scalar' ? '' : ` (${o.kind})`}`, o] as const))(
  '%s runs, of constants and of columns, and has the type it promises',
  async (_, overload) => {
    const errors: ServiceError[] = []
    let answers = 0
    for (const full of [false, true]) {
      for (const fromColumns of [false, true]) {
        const error = await run(overload, argumentsOf(overload, full), fromColumns).catch((e: unknown) => e)
        if (error instanceof ServiceError) errors.push(error)
        else if (error instanceof Error) throw error
        else answers++
      }
    }
    const unimplemented = errors.some((e) => e.code === 'UNIMPLEMENTED')
    if (answers === 0 && !unimplemented) throw errors[0]
  },
)
