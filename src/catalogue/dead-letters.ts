import type { Column } from './columns.ts'
import { required, type TableDefinition } from './definition.ts'

const keyAndValue: Column[] = [required('key', 'STRING', 'Its name.'), required('value', 'STRING', 'Its value.')]

/** What can never become an event, with the reason. */
export const deadLetters: TableDefinition = {
  table: 'dead_letters',
  description: 'Messages that can never become an event: one row for each.',
  columns: [
    required('event_id', 'STRING', 'The message attribute event_id, or else the Pub/Sub message id.'),
    required('data', 'STRING', 'What was received: text, or base64 where it is not UTF-8; cut after 8 MiB.'),
    required('data_encoding', 'STRING', 'How data is to be read: utf-8 or base64.'),
    {
      name: 'attributes',
      type: 'RECORD',
      mode: 'REPEATED',
      description: 'The attributes of the message.',
      fields: keyAndValue,
    },
    required('reason', 'STRING', 'The kind of fault: a code such as not_json or missing_field.'),
    required('detail', 'STRING', 'What exactly was at fault, for a person to read.'),
    required('publish_time', 'TIMESTAMP', 'When Pub/Sub took the message.'),
    required('event_date', 'DATE', 'The UTC day of publish_time; the partition.'),
    required('processed_at', 'TIMESTAMP', 'When the pipeline wrote this row.'),
  ],
  partitionBy: 'event_date',
  clusterBy: ['reason'],
}
