import type { Clock } from '../../clock/index.ts'
import type { RawBucket } from '../sinks/raw-bucket.ts'
import type { RowStreams } from '../sinks/row-streams.ts'

/** Told of each call to a sink once it has ended; `error` is absent when it succeeded. */
export type OnCall = (call: SinkCall, seconds: number, error?: unknown) => void

/** What the sinks ask of Cloud Storage and BigQuery. */
export const SINK_CALLS = [
  'list_files',
  'read_file',
  'find_file',
  'create_file',
  'assign_stream',
  'create_stream',
  'append',
  'stream_exists',
  'count_rows',
] as const
export type SinkCall = (typeof SINK_CALLS)[number]

/** Times each call, and writes its name on the error that it ends with. */
function timed(clock: Clock, onCall: OnCall) {
  return async <Result>(call: SinkCall, work: Promise<Result>): Promise<Result> => {
    const started = clock.now()
    const seconds = () => (clock.now() - started) / 1_000
    try {
      const result = await work
      onCall(call, seconds())
      return result
    } catch (error) {
      if (error instanceof Error) Object.assign(error, { call })
      onCall(call, seconds(), error)
      throw error
    }
  }
}

/** The same bucket, its calls timed. */
export function watchBucket(bucket: RawBucket, clock: Clock, onCall: OnCall): RawBucket {
  const time = timed(clock, onCall)
  return {
    list: (prefix) => time('list_files', bucket.list(prefix)),
    read: (name) => time('read_file', bucket.read(name)),
    find: (name) => time('find_file', bucket.find(name)),
    create: (file, content) => time('create_file', bucket.create(file, content)),
    assignStream: (file, stream) => time('assign_stream', bucket.assignStream(file, stream)),
  }
}

/** The same streams, their calls timed. */
export function watchStreams(streams: RowStreams, clock: Clock, onCall: OnCall): RowStreams {
  const time = timed(clock, onCall)
  return {
    create: (table) => time('create_stream', streams.create(table)),
    append: (stream, table, rows) => time('append', streams.append(stream, table, rows)),
    exists: (stream) => time('stream_exists', streams.exists(stream)),
    count: (table, minute, eventIds) => time('count_rows', streams.count(table, minute, eventIds)),
  }
}
