import type { Implementation } from '../contract.ts'
import type { bigqueryContract } from './index.ts'

type BigQueryImplementation = Implementation<typeof bigqueryContract>

export const embedded: BigQueryImplementation = { name: 'The embedded emulator', diverges: {}, lacks: {} }

const ALL_AT_ONCE = 'all of it comes as one page'
const TAKEN = 'it is taken'
const CODE = 'it is refused with 400 and the reason jobInternalError'
const NO_SUCH_VIEW = 'it has no INFORMATION_SCHEMA'
const NUMBERS = 'a parameter that is a number is refused, and one without a context is taken for a whole number'
const OFFSETS =
  'offsets are not looked at: an append that is sent again, or by two at once, has its rows there twice, and its answer tells where the rows end'
const CHANGES_METADATA =
  'the schema that is shown changes, the table does not: what is written to a new column fails, and existing rows may not be readable'
const UNCHECKED_ROWS =
  'rows are not checked: a REQUIRED column takes NULL, and a field that the table lacks is left out'
const INSTANTS =
  'microseconds are read as milliseconds where they are not whole seconds, and as days where they lie before 1970'
const UNKNOWN = 'it is refused as UNKNOWN'
/** go-zetasqlite keeps NUMERIC as a fraction. */
const FRACTIONS = 'inside a record it is sent as a fraction (999/100), which Google’s clients cannot read'

export const goccy: BigQueryImplementation = {
  name: 'goccy’s bigquery-emulator 0.6.6',
  diverges: {
    'a dataset is shown with the labels and the location that it was made with': 'no id is shown',
    'a dataset that exists cannot be made again: 409, duplicate': 'it is refused with 500 and the reason internalError',
    'the datasets of a project are listed page by page': `${ALL_AT_ONCE}, with a dataset for each job that had rows`,
    'a dataset with tables is deleted only with its contents: 400, resourceInUse': 'it is deleted, its tables are not',
    'a patch of a dataset leaves what it does not name': 'a patch changes only what was there before',
    'a patch of a table leaves what it does not name, and null takes away':
      'a patch changes only what was there before',
    'a column of no mode is shown as NULLABLE': 'no mode is shown',
    'tables of one name in two datasets are two tables': 'their rows are listed from one of them',
    'the tables of a dataset are listed page by page, and gone when deleted': ALL_AT_ONCE,
    'columns can be appended, also inside records, and old rows have NULL there': CHANGES_METADATA,
    'rows may have a column that the table was given after the stream was made': CHANGES_METADATA,
    'a REQUIRED column takes NULL once it is relaxed': UNCHECKED_ROWS,
    'a row without a REQUIRED column is refused': UNCHECKED_ROWS,
    'a row with a field that the table lacks is refused, unless told to ignore such fields': UNCHECKED_ROWS,
    'rows with one that lacks a REQUIRED column are refused as a whole, and it is named: INVALID_ARGUMENT':
      UNCHECKED_ROWS,
    'rows with a field that the table lacks are refused, and it is named: INVALID_ARGUMENT': UNCHECKED_ROWS,
    'a schema that takes a column away, or changes its type or mode, is refused: 400, invalid': TAKEN,
    'a table cannot be given partitions later: 400, invalid': TAKEN,
    'a partition column must be there and be a date or a time: 400, invalid': TAKEN,
    'a change under an etag that is no more is refused: 412': 'there are no etags: the last one wins',
    'a table counts its rows': 'no count is shown',
    'a value of each type comes back as it went in': 'BYTES are encoded twice, and JSON becomes a text in quotes',
    'DATETIME, TIME and JSON are appended as text': 'JSON becomes a text in quotes',
    'a NUMERIC and a TIMESTAMP inside records come back as they went in': FRACTIONS,
    'records and lists are appended as messages and repeated fields': FRACTIONS,
    'what lies inside records is reached with UNNEST':
      'a NUMERIC inside a record is computed with as if its fraction were a number: 1/10 + 1/5 is 10',
    'one bad row stops the others, and each is told why': 'the request fails with 500, without saying which row',
    'with skipInvalidRows the good rows go in': 'the request fails with 500, and none goes in',
    'a row that is sent again under its insertId goes in once': 'insertIds are not looked at',
    'the rows of a table are listed page by page': ALL_AT_ONCE,
    'the rows of a table are listed from an index, with the columns asked for': 'all rows and columns come',
    'a parameter of each type reaches the statement': NUMBERS,
    'parameters may have no names': NUMBERS,
    'a record is a parameter': NUMBERS,
    'queries at the same time are answered each with its own': NUMBERS,
    'a query that is not SQL is refused: 400, invalidQuery': CODE,
    'a query of a table that is not there names it: 404, notFound': CODE,
    'a value that cannot be converted fails the query: 400, invalidQuery': CODE,
    'the result of a job is read page by page': ALL_AT_ONCE,
    'the id of a job can be used once: 409, duplicate': CODE,
    'a job that fails is made all the same, and ends with its reason: invalidQuery': CODE,
    'a dry run tells the schema and the bytes, and runs nothing': 'no schema is told, and the bytes are of the answer',
    'the rows of a query go to its destination table, in the way it says':
      'they are added, whatever the write disposition says',
    'tables are made and dropped by SQL': 'PARTITION BY is refused',
    'INSERT adds rows, and the job tells how many': 'each job says that it was a SELECT, and no count',
    'INFORMATION_SCHEMA.TABLES tells the tables of a dataset': NO_SUCH_VIEW,
    'INFORMATION_SCHEMA.COLUMNS tells the columns of a table': NO_SUCH_VIEW,
    'an append is told at which offset its first row lies': OFFSETS,
    'an append at an offset that is taken adds nothing: ALREADY_EXISTS': OFFSETS,
    'an append on another connection is told the same: ALREADY_EXISTS': OFFSETS,
    'an append beyond the end adds nothing: OUT_OF_RANGE': OFFSETS,
    'of two appends at one offset at the same time one is made': { instead: OFFSETS, byChance: true },
    'appends to many streams at the same time are all made': {
      instead: 'some are refused as INTERNAL: the table is locked',
      byChance: true,
    },
    'rows of a pending stream appear with its commit, which is made once': 'each commit adds them again',
    'a pending stream is not committed before it is finalized': 'it is committed',
    'rows of a buffered stream appear once when they are flushed': 'each flush adds all rows again from the first',
    'a finalized stream tells its rows and takes no more: INVALID_ARGUMENT': 'it tells 0 rows, and refuses as UNKNOWN',
    'a stream that is not there is not shown: NOT_FOUND': UNKNOWN,
    'a table that is not there has no streams: NOT_FOUND': UNKNOWN,
    'the streams of a table end with it: NOT_FOUND': 'they live on, until the emulator ends',
    'a DATE is appended as days since 1970': 'any day after 1970-01-01 becomes that day',
    'a TIMESTAMP is appended as microseconds since 1970': INSTANTS,
    'a TIMESTAMP may lie before 1970': INSTANTS,
    'a TIMESTAMP may lie in the year 9999': 'what lies beyond the years 1678 to 2262 is sent as another time',
  },
  lacks: {
    'a service that goes on after an append to a stream that is not there':
      'the answer is UNKNOWN, and from then on no stream is made or found until the emulator is started anew.',
    'a service that goes on after an empty list': 'it answers no request any more until it is started anew.',
  },
}
