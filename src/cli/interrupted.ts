import { once } from 'node:events'

/**
 * Resolves at the first SIGINT or SIGTERM, or when the process that started this one and talks with it is gone. A second
 * signal ends the process at once, as it would without us.
 */
export function interrupted(): Promise<unknown> {
  const signals = [once(process, 'SIGINT'), once(process, 'SIGTERM')]
  return Promise.race(process.channel ? [...signals, once(process, 'disconnect')] : signals)
}
