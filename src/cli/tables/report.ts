import { styleText } from 'node:util'
import { type Column, tables } from '../../catalogue/index.ts'
import type { Applied, Change, Plan } from '../../tables/index.ts'

/** What a plan says of a table. */
export type PlannedTable = { readonly table: string } & Plan

export type Finding = PlannedTable | Applied

/** One table a line, and under it whatever there is to say, in 80 columns. */
export function report(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ table }) => table.length))
  return findings
    .flatMap((finding) => {
      const { mark, colour, text, details } = describe(finding)
      const head = `${styleText(colour, mark)} ${finding.table.padEnd(width)}  ${text}`
      return [head, ...details.map((detail) => wrapped(detail))]
    })
    .join('\n')
}

export interface Description {
  readonly mark: string
  readonly colour: 'green' | 'yellow' | 'red' | 'gray'
  readonly text: string
  readonly details: readonly string[]
}

/** What there is to say of a table, without its name. */
export function describe(finding: Finding): Description {
  switch ('action' in finding ? finding.action : finding.outcome) {
    case 'create':
      return { mark: '+', colour: 'green', text: 'is not there, would be made', details: [] }
    case 'created':
      return { mark: '+', colour: 'green', text: 'made', details: [] }
    case 'evolve':
      return { mark: '~', colour: 'yellow', text: 'differs, would be changed', details: changesOf(finding) }
    case 'updated':
      return { mark: '~', colour: 'yellow', text: 'changed', details: changesOf(finding) }
    case 'refuse':
    case 'refused':
      return { mark: '✖', colour: 'red', text: 'differs, and cannot be changed', details: differencesOf(finding) }
    case 'nothing':
    case 'unchanged':
      return { mark: '=', colour: 'gray', text: 'is as its definition says', details: extrasOf(finding) }
  }
}

const changesOf = (finding: Finding) => [
  ...('changes' in finding ? finding.changes.map((change) => changeText(finding.table, change)) : []),
  ...extrasOf(finding),
]

const differencesOf = (finding: Finding) =>
  'differences' in finding ? finding.differences.map(({ message }) => message) : []

const extrasOf = (finding: Finding) =>
  'extraColumns' in finding && finding.extraColumns.length > 0
    ? [`stays, though its definition has no such column: ${finding.extraColumns.join(', ')}`]
    : []

function changeText(table: string, { column, kind }: Change): string {
  switch (kind) {
    case 'add':
      return `add ${column} ${typeText(find(table, column))}`
    case 'relax':
      return `relax ${column} from REQUIRED to NULLABLE`
    case 'describe':
      return `describe ${column || 'the table'} as its definition does`
    case 'label':
      return 'label the table'
    case 'keep longer':
      return `keep the partitions of ${column} longer`
  }
}

const typeText = (column: Column | undefined) => (column ? `${column.type} ${column.mode}` : '')

/** The column at a path such as `items.price`. */
function find(table: string, path: string): Column | undefined {
  const definition = tables.find((t) => t.table === table)
  return path.split('.').reduce<{ column?: Column; inside: readonly Column[] }>(
    ({ inside }, name) => {
      const column = inside.find((c) => c.name === name)
      return { column, inside: column?.fields ?? [] }
    },
    { inside: definition?.columns ?? [] },
  ).column
}

const COLUMNS = 80
const INDENT = '    '

function wrapped(text: string): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line && INDENT.length + line.length + 1 + word.length > COLUMNS) {
      lines.push(line)
      line = `  ${word}`
    } else line = line ? `${line} ${word}` : word
  }
  return [...lines, line].map((l) => INDENT + l).join('\n')
}
