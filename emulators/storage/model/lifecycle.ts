/** Deletes objects by themselves, so many days after their creation (cloud.google.com/storage/docs/lifecycle#age). */
export interface LifecycleRule {
  readonly ageDays: number
}

const DAY_MS = 24 * 60 * 60 * 1_000

/**
 * Whatever was created at this time or before it is due, in milliseconds since the epoch. The service may take a day
 * longer over it; here it happens at once.
 */
export const oldest = (rules: readonly LifecycleRule[] = [], now: number): number =>
  now - Math.min(Number.POSITIVE_INFINITY, ...rules.map(({ ageDays }) => ageDays * DAY_MS))
