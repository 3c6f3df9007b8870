import type { Column } from './columns.ts'
import type { TableDefinition } from './definition.ts'

const GOOGLE_SQL = { STRING: 'STRING', INTEGER: 'INT64', NUMERIC: 'NUMERIC', TIMESTAMP: 'TIMESTAMP', DATE: 'DATE' }

export interface DdlOptions {
  readonly labels?: Readonly<Record<string, string>>
  /** How many days a partition is kept; absent: as the dataset says. */
  readonly partitionDays?: number | undefined
}

/**
 * The CREATE TABLE statement of a table, in GoogleSQL
 * (cloud.google.com/bigquery/docs/reference/standard-sql/data-definition-language#create_table_statement).
 * `dataset` may be qualified: `project.dataset`.
 */
export function ddl(definition: TableDefinition, dataset: string, { labels, partitionDays }: DdlOptions = {}): string {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => `(${quoted(name)}, ${quoted(value)})`)
  const options = [
    `description = ${quoted(definition.description)}`,
    ...(labels ? [`labels = [${pairs.join(', ')}]`] : []),
    ...(partitionDays === undefined ? [] : [`partition_expiration_days = ${partitionDays}`]),
  ]
  return `CREATE TABLE IF NOT EXISTS \`${dataset}.${definition.table}\` (
${definition.columns.map((column) => `  ${columnText(column, '  ')}`).join(',\n')}
)
PARTITION BY ${definition.partitionBy}
CLUSTER BY ${definition.clusterBy.join(', ')}
OPTIONS (${options.join(', ')});
`
}

function columnText({ name, type, mode, description, fields = [] }: Column, indent: string): string {
  const inner = `${indent}  `
  const single =
    type === 'RECORD'
      ? `STRUCT<\n${fields.map((field) => inner + columnText(field, inner)).join(',\n')}\n${indent}>`
      : GOOGLE_SQL[type]
  const whole = mode === 'REPEATED' ? `ARRAY<${single}>` : single
  const notNull = mode === 'REQUIRED' ? ' NOT NULL' : ''
  return `${name} ${whole}${notNull}${description ? ` OPTIONS (description = ${quoted(description)})` : ''}`
}

/** A GoogleSQL string literal: JSON's escapes are a part of its own. */
const quoted = (text: string) => JSON.stringify(text)
