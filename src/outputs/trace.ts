import { events, tables } from '../catalogue/index.ts'
import { identifier } from './column-types.ts'
import { DEAD_LETTER } from './extent.ts'
import { text } from './raw-files.ts'

/**
 * `trace(id)`, by event id or message id: when and where the event was published, which line of which file holds it, its
 * row, and its dead letter. `types` are those with a table in the schema `raw`.
 */
export const traceMacro = (types: readonly string[]) => `
  CREATE MACRO trace(id) AS TABLE
  WITH
    line AS (${types.map(linesOf).join(' UNION ALL ')}),
    wanted AS (
      SELECT id::VARCHAR AS event_id
      UNION SELECT event_id FROM line WHERE message_id = id::VARCHAR
      UNION SELECT event_id FROM published WHERE message_id = id::VARCHAR
    ),
    message AS (
      SELECT event_id, message_id, publish_time, to_json(attributes)::VARCHAR AS attributes FROM line
      UNION SELECT event_id, message_id, NULL, NULL FROM published
      WHERE message_id NOT IN (SELECT message_id FROM line WHERE message_id IS NOT NULL)
    ),
    step AS (
      SELECT 1 AS n, 'published' AS stage, publish_time AS time, 'message ' || message_id AS place, event_id,
        coalesce('attributes ' || attributes, 'known from published.ndjson alone') AS detail
      FROM message
      UNION ALL
      SELECT 2, if(type = '${DEAD_LETTER}', 'dead letter line', 'raw line'), written, file || ':' || line, event_id,
        coalesce(reason, 'the minute ' || strftime(minute, '%Y-%m-%dT%H:%MZ'))
      FROM line
      UNION ALL ${tables.map(rowsOf).join(' UNION ALL ')}
    )
  SELECT stage, time, place, detail FROM step WHERE event_id IN (SELECT event_id FROM wanted) ORDER BY n, time, place`

const linesOf = (type: string) => `
  SELECT ${text(type)} AS type, event_id, _meta.message_id AS message_id, _meta.publish_time AS publish_time,
    _meta.attributes AS attributes, _file AS file, _line AS line, _written AS written, _minute AS minute,
    ${type === DEAD_LETTER ? "reason || ': ' || detail" : 'NULL'} AS reason
  FROM raw.${identifier(type)}`

const EVENT_TABLES = new Set([...events.values()].map(({ table }) => table))

const rowsOf = ({ table }: { readonly table: string }) =>
  EVENT_TABLES.has(table)
    ? `SELECT 3, 'row', processed_at, ${text(`bq.${table}`)}, event_id,
        'event time ' || strftime(event_time, '%Y-%m-%dT%H:%M:%S.%fZ') FROM bq.${identifier(table)}`
    : `SELECT 4, 'dead letter row', processed_at, ${text(`bq.${table}`)}, event_id, reason || ': ' || detail
        FROM bq.${identifier(table)}`
