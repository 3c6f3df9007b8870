import { invalidArgument, type ServiceError, unimplemented } from '../../shared/index.ts'

/** Where in the statement something stands; both count from 1, as BigQuery's messages do. */
export interface Position {
  readonly line: number
  readonly column: number
}

const place = (at: Position) => `at [${at.line}:${at.column}]`

/** An error of the statement's author, in BigQuery's words: `<message> at [line:column]`. */
export const queryError = (message: string, at: Position): ServiceError => invalidQuery(`${message} ${place(at)}`)

export const syntaxError = (message: string, at: Position): ServiceError => queryError(`Syntax error: ${message}`, at)

export const invalidQuery = (message: string): ServiceError =>
  invalidArgument(message, { reason: 'invalidQuery', location: { type: 'other', name: 'query' } })

/** GoogleSQL that exists, and that this front end refuses rather than answers wrongly. */
export const unsupported = (what: string, at?: Position): ServiceError =>
  unimplemented(at ? `${what} (${place(at)})` : what)
