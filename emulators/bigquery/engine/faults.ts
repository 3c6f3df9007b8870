import { invalidArgument, ServiceError } from '../../shared/index.ts'
import { runtimeError } from '../sql/index.ts'

/** What a query can do wrong only when it runs, where the compiler has no words of BigQuery for it. */
const OF_THE_DATA = /^(Conversion|Out of Range|Invalid Input) Error: /
/** SQL that DuckDB does not take: the statement was legal GoogleSQL, so the fault is not the client's. */
const OF_THE_DIALECT = /^(Binder|Catalog|Parser|Not implemented) Error: /

/** What DuckDB threw, as an error of the service; anything else as it is. */
export function translated(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof ServiceError) return thrown
  const known = runtimeError(thrown.message)
  if (known) return known
  const [message] = thrown.message.split('\n') as [string]
  if (OF_THE_DATA.test(message)) {
    return invalidArgument(message.replace(OF_THE_DATA, ''), { reason: 'invalidQuery', cause: thrown })
  }
  if (OF_THE_DIALECT.test(message)) {
    return new ServiceError('UNIMPLEMENTED', `unsupported: the engine cannot run this statement: ${message}`, {
      cause: thrown,
    })
  }
  return thrown
}
