/** A google.protobuf.Duration as the client gives it; undefined where there is none. */
export const inSeconds = (duration: unknown): number | undefined => {
  if (typeof duration !== 'object' || duration === null || !('seconds' in duration)) return undefined
  const { seconds, nanos = 0 } = duration as { seconds: unknown; nanos?: unknown }
  return Number(seconds) + Number(nanos) / 1e9
}
