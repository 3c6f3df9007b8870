/** Which events are meant, where others write to the same tables and folders at the same time. */
export interface Scope {
  /** What the event ids of those meant begin with, and no others. */
  readonly prefix: string
  /** Raw files made before this time, in milliseconds since the epoch, hold none of them. */
  readonly since: number
}
