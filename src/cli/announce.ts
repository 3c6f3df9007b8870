/** Tells the process that started this one, if it wants to know, that this one is ready, and where it listens. */
export function announce(url?: string): void {
  process.send?.({ ready: true, url })
}
