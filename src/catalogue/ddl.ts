import type { Column } from './columns.ts'
import type { TableDefinition } from './definition.ts'

const GOOGLE_SQL = { STRING: 'STRING', INTEGER: 'INT64', NUMERIC: 'NUMERIC', TIMESTAMP: 'TIMESTAMP', DATE: 'DATE' }

/**
 * The CREATE TABLE statement of a table, in GoogleSQL
 * (cloud.google.com/bigquery/docs/reference/standard-sql/data-definition-language#create_table_statement).
 * `dataset` may be qualified: `project.dataset`.
 */
export function ddl(definition: TableDefinition, dataset: string): string {
  return `CREATE TABLE IF NOT EXISTS \`${dataset}.${definition.table}\` (
${definition.columns.map((column) => `  ${columnText(column, '  ')}`).join(',\n')}
)
PARTITION BY ${definition.partitionBy}
CLUSTER BY ${definition.clusterBy.join(', ')}
OPTIONS (description = ${quoted(definition.description)});
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
