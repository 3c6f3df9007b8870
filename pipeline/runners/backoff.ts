const FIRST_MS = 500
export const SLOWEST_MS = 30_000

/** How long to wait before attempt 2, 3, …: twice as long each time, bounded, and spread so that not all come at once. */
export const backoffMs = (attempt: number, random: () => number): number =>
  Math.min(SLOWEST_MS, FIRST_MS * 2 ** (attempt - 1)) * (0.5 + random() / 2)
