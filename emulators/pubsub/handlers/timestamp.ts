/** google.protobuf.Timestamp, as the gRPC codec gives it. */
export interface Timestamp {
  seconds: string | number
  nanos: number
}

/** Milliseconds since the epoch, with a fraction. */
export const toMs = ({ seconds, nanos }: Timestamp): number => Number(seconds) * 1_000 + nanos / 1e6

export const toTimestamp = (ms: number): Timestamp => ({
  seconds: Math.floor(ms / 1_000),
  nanos: (ms % 1_000) * 1_000_000,
})
