import type { managedwriter, protos } from '@google-cloud/bigquery-storage'

type AppendRowsRequest = protos.google.cloud.bigquery.storage.v1.IAppendRowsRequest
type AppendRowsResponse = protos.google.cloud.bigquery.storage.v1.IAppendRowsResponse

/** google.rpc.Code */
export const UNKNOWN = 2
export const NOT_FOUND = 5
export const ALREADY_EXISTS = 6
export const ABORTED = 10
export const INTERNAL = 13

/** Of a request that is tried again later, by others: a client that waits for minutes would hold up all else. */
export const ONCE = { timeout: 30_000, retry: null }

export interface Answer {
  /** google.rpc.Code; 0 is OK. */
  readonly code: number
  readonly message: string
  /** Where the rows lie in the stream, if it says so. */
  readonly offset?: number
}

/** An error arrives as an answer, or as the status that ends the call: both are told alike. */
export function appendOnce(
  writer: managedwriter.WriterClient,
  request: AppendRowsRequest,
  timeout = ONCE.timeout,
): Promise<Answer> {
  // BigQuery routes the call by this header.
  const headers = { 'x-goog-request-params': `write_stream=${request.writeStream}` }
  const call = writer.getClient().appendRows({ timeout, otherArgs: { headers } })
  const answered = new Promise<Answer>((resolve, reject) => {
    call.on('data', (response: AppendRowsResponse) => resolve(answerOf(response)))
    call.on('error', (error: Error & { code?: number }) => {
      const code = codeOf(error)
      if (code === NOT_FOUND || code === ALREADY_EXISTS) resolve({ code, message: error.message })
      else reject(error)
    })
    call.on('end', () => reject(new Error(`The append to ${request.writeStream} ended without an answer.`)))
  })
  call.write(request)
  return answered.finally(() => call.end())
}

/** goccy's emulator gives no code to these, but says them. BigQuery never leaves them without one. */
const SAID: readonly [RegExp, number][] = [
  [/failed to (get|find) stream from /, NOT_FOUND],
  [/stream is already finalized/, ALREADY_EXISTS],
]

/** The google.rpc.Code of an error that a call of the Storage Write API ended with. */
export function codeOf({ code, message }: Error & { readonly code?: number }): number | undefined {
  return code === UNKNOWN ? (SAID.find(([text]) => text.test(message))?.[1] ?? code) : code
}

const MOST_TEXT = 1000

/** Row errors are a refusal, also where no error goes along with them. */
export function answerOf({ error, rowErrors, appendResult }: AppendRowsResponse): Answer {
  const rows = (rowErrors ?? []).map(({ index, message }) => `row ${index}: ${message}`).slice(0, 3)
  if (error) return { code: Number(error.code), message: [error.message?.slice(0, MOST_TEXT), ...rows].join('; ') }
  if (rows.length > 0) return { code: 3, message: rows.join('; ') }
  const offset = appendResult?.offset?.value
  return { code: 0, message: '', ...(offset != null && { offset: Number(offset) }) }
}
