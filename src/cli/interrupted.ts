import { once } from 'node:events'

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once, as it would without us. */
export const interrupted = () => Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
