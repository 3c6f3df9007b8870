import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { deadLetters, type EventDefinition, events, type TableDefinition, tables } from '../catalogue/index.ts'
import type { Field } from './cells.ts'
import { duckDbType, identifier, textStructure } from './column-types.ts'
import { DEAD_LETTER, duckDbCondition, type Extent } from './extent.ts'
import { fileList, jsonLines, rawFiles, text } from './raw-files.ts'
import { traceMacro } from './trace.ts'

/** The statements that make everything a person may ask: schemas `raw` and `bq`, and what lies across both. */
export function explorerStatements(folder: string, extent: Extent): string[] {
  const { known, strange } = rawFiles(folder, extent)
  const byType = Map.groupBy(known, (file) => file.split('/')[1]!)
  const types = new Set([...events.keys(), DEAD_LETTER, ...byType.keys()])
  return [
    'CREATE SCHEMA raw',
    'CREATE SCHEMA bq',
    files(folder, [...known, ...strange]),
    ...[...types].flatMap((type) => rawTable(type, folder, byType.get(type) ?? [])),
    ...tables.flatMap((definition) => tableRows(definition, folder, extent)),
    notJson(folder, known),
    published(folder),
    traceMacro([...types]),
    ...comments('raw._files', 'Every file under output/, also those that no pipeline of ours writes.', {}),
    ...comments('raw._not_json', 'Lines of raw files that are not JSON, and so in no other table.', {}),
    ...comments('published', 'What sluice e2e --keep published.', {}),
  ]
}

/** What every raw line has besides the event's own fields; names begin with `_` like `_meta` itself. */
const COMMON = `
  event_type, t._meta.event_id AS event_id, COLUMNS_OF_ITS_OWN
  TRY_CAST(t._meta AS STRUCT(event_id VARCHAR, message_id VARCHAR, publish_time TIMESTAMPTZ,
    attributes MAP(VARCHAR, VARCHAR), received VARCHAR)) AS _meta,
  TRY_CAST(regexp_replace(_file, '^output/[^/]+/(\\d+)/(\\d+)/(\\d+)/(\\d+)/(\\d+)/.*', '\\1-\\2-\\3T\\4:\\5:00Z')
    AS TIMESTAMPTZ) AS _minute,
  regexp_extract(_file, '_\\d{12}(\\d+)\\.json$', 1)::INTEGER AS _sequence,
  _file, _line, _written, _json`

const META = { event_id: 'VARCHAR', message_id: 'VARCHAR', publish_time: 'VARCHAR', received: 'VARCHAR' }

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  event_type: 'The type, as the folder says.',
  event_id: 'The message attribute event_id, or else the Pub/Sub message id.',
  _meta: 'What the pipeline added: event_id, message_id, publish_time, attributes.',
  _minute: 'The minute that the folder is of, in UTC.',
  _sequence: 'The number of the file in its minute, from 1.',
  _file: 'The name of the object.',
  _line: 'The number of the line in its file, from 1.',
  _written: 'When the file was written.',
  _json: 'The line as it stands.',
}

/** One row for each line of a type's files. A value that is not of its column's type is NULL; `_json` still has it. */
function rawTable(type: string, folder: string, files: readonly string[]): string[] {
  const definition = events.get(type)
  const fields = definition ? ownFields(definition) : type === DEAD_LETTER ? DEAD_LETTER_FIELDS : []
  const own = fields.map(
    ({ name, ...field }) => `TRY_CAST(t.${identifier(name!)} AS ${type_(field)}) AS ${identifier(name!)},`,
  )
  const structure = { ...textStructure(fields), ...(type === DEAD_LETTER && MAP), _meta: { ...META, ...MAP } }
  const name = `raw.${identifier(type)}`
  return [
    `CREATE TABLE ${name} AS SELECT ${COMMON.replace('COLUMNS_OF_ITS_OWN', own.join(' '))}
    FROM (
      SELECT ${text(type)} AS event_type, *, json_transform(_json, ${text(JSON.stringify(structure))}) AS t
      FROM (SELECT _file, _line, _written, TRY_CAST(content AS JSON) AS _json FROM (${numberedLines(folder, files)}))
      WHERE _json IS NOT NULL
    )`,
    ...comments(name, definition ? `Raw lines of ${type} events.` : `Raw lines under output/${type}/.`, {
      ...DESCRIPTIONS,
      ...descriptionsOf(fields),
    }),
  ]
}

const MAP = { attributes: 'MAP(VARCHAR, VARCHAR)' }
const type_ = (field: Field) => (field.type === 'MAP' ? MAP.attributes : duckDbType(field))

const DEAD_LETTER_FIELDS: readonly Field[] = deadLetters.columns
  .filter(({ name }) => ['data', 'data_encoding', 'attributes', 'reason', 'detail'].includes(name))
  .map((column) => (column.name === 'attributes' ? { name: 'attributes', type: 'MAP' } : column))

/** The fields as producers send them, event_type apart. */
const ownFields = ({ columns, schema }: EventDefinition) =>
  columns.filter(({ name }) => name !== 'event_type' && Object.hasOwn(schema.shape, name))

/** Every file, also those that no pipeline of ours writes. */
function files(folder: string, names: readonly string[]): string {
  const rows = names.map((name) => {
    const { size, mtime } = statSync(join(folder, name))
    return `(${text(name)}, ${size}, TIMESTAMPTZ ${text(mtime.toISOString())})`
  })
  const none = "('', 0, now())" // VALUES need one
  return `CREATE TABLE raw._files AS
    FROM (VALUES ${[none, ...rows].join(', ')}) AS f(_file, _bytes, _written) WHERE _file <> ''`
}

/** Every line of the files that is not empty, with its number. */
const numberedLines = (folder: string, names: readonly string[]) =>
  names.length === 0
    ? "SELECT '' AS _file, 0 AS _line, NULL::TIMESTAMPTZ AS _written, '' AS content WHERE false"
    : `SELECT _file, _line, _written, content FROM (
        SELECT _file, generate_subscripts(lines, 1)::INTEGER AS _line, unnest(lines) AS content
        FROM (
          SELECT substr(filename, length(${text(folder)}) + 2) AS _file, string_split(content, chr(10)) AS lines
          FROM read_text(${fileList(names.map((name) => join(folder, name)))})
        )
      ) JOIN raw._files USING (_file) WHERE content <> ''`

/** A table with the schema that it has in BigQuery; one that is not there, with that of the catalogue. */
function tableRows(definition: TableDefinition, folder: string, extent: Extent): string[] {
  const file = join(folder, 'tables', definition.table)
  const fields: readonly Field[] = existsSync(`${file}.schema.json`)
    ? JSON.parse(readFileSync(`${file}.schema.json`, 'utf8'))
    : definition.columns
  const columns = fields.map((field) => {
    const name = identifier(field.name!)
    return `CAST(t.${name} AS ${duckDbType(field)}) AS ${name}`
  })
  const name = `bq.${identifier(definition.table)}`
  return [
    `CREATE TABLE ${name} AS SELECT ${columns.join(', ')} FROM (
      SELECT json_transform(line, ${text(JSON.stringify(textStructure(fields)))}) AS t
      FROM (${jsonLines(existsSync(`${file}.ndjson`) ? [`${file}.ndjson`] : [])})
      WHERE ${duckDbCondition(extent, definition)}
    )`,
    ...comments(name, definition.description, descriptionsOf(fields)),
  ]
}

/** Lines that are in no other table. */
const notJson = (folder: string, names: readonly string[]) =>
  `CREATE TABLE raw._not_json AS
    SELECT _file, _line, content FROM (${numberedLines(folder, names)}) WHERE NOT json_valid(content)`

/** What `sluice e2e --keep` published, if that is what the folder is of. */
function published(folder: string): string {
  const file = join(folder, 'published.ndjson')
  return `CREATE TABLE published AS
    SELECT line ->> '$.event_id' AS event_id, line ->> '$.message_id' AS message_id
    FROM (${jsonLines(existsSync(file) ? [file] : [])})`
}

const descriptionsOf = (fields: readonly Field[]): Record<string, string> =>
  Object.fromEntries(fields.flatMap(({ name, description }) => (description ? [[name, description]] : [])))

const comments = (name: string, table: string, columns: Readonly<Record<string, string>>) => [
  `COMMENT ON TABLE ${name} IS ${text(table)}`,
  ...Object.entries(columns).map(
    ([column, words]) => `COMMENT ON COLUMN ${name}.${identifier(column)} IS ${text(words)}`,
  ),
]
