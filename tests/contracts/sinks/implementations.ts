import type { Implementation } from '../contract.ts'
import type { sinksContract } from './index.ts'

type SinksImplementation = Implementation<typeof sinksContract>

export const inMemory: SinksImplementation = {
  name: 'The stores in memory of the tests',
  diverges: {},
  lacks: {
    'tables that are read as BigQuery sends them': 'their rows are kept as they come.',
    'tables with a schema': 'they check no rows.',
  },
}

export const embedded: SinksImplementation = { name: 'The pair of embedded emulators', diverges: {}, lacks: {} }

/** The emulators of docker-compose.yml. */
export const thirdParty: SinksImplementation = {
  name: 'The pair of fake-gcs-server 1.56.1 and goccy’s bigquery-emulator 0.6.6',
  diverges: {
    'a file is given another stream unless somebody else has done so':
      'the second is not refused: two pipelines that mend one file at once may write its rows twice',
    'of two appends at the same time one is made, and the other told so': {
      instead:
        'both are made: an append that two send at once, or that is sent again because its answer was lost, is there twice',
      byChance: true,
    },
    'a row may hold the first and the last of times':
      'times before 1678 and after 2262 are read as others, since it sends them so',
    'the row of the largest dead letter fits into one append':
      'no append of more than 4 MiB is taken: its message is tried again for ever',
    'rows that BigQuery refuses are an error that names the reason, and nothing of them is kept':
      'rows are not checked against the schema, and columns that the table lacks are left out',
  },
  lacks: {},
}
