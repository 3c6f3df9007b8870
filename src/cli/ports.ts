import { once } from 'node:events'
import { createServer } from 'node:net'
import { UserError } from './user-error.ts'

export interface WantedPort {
  /** 0 is always free. */
  readonly port: number
  /** `the generator`. */
  readonly wantedBy: string
  readonly flag: string
}

/** Throws a UserError that names every port that is taken, who wants it, and which flag changes it. */
export async function portsAreFree(host: string, wanted: readonly WantedPort[]): Promise<void> {
  const faults: string[] = []
  for (const { port, wantedBy, flag } of wanted) {
    const clash = wanted.find((other) => other.port === port && port !== 0 && other.flag !== flag)
    const why = clash ? `is wanted by ${clash.wantedBy} too` : await whyNot(host, port)
    if (why) faults.push(`port ${port}, wanted by ${wantedBy}, ${why}: ${flag} <port> changes it.`)
  }
  if (faults.length > 0) throw new UserError(faults.join('\nsluice: '))
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken',
  EACCES: 'needs rights that this user does not have',
}

/** Nothing when the port can be listened on. */
async function whyNot(host: string, port: number): Promise<string | undefined> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
    return undefined
  } catch (thrown) {
    const { code = '', message } = thrown as NodeJS.ErrnoException
    return REASONS[code] ?? `cannot be listened on at ${host} (${message})`
  } finally {
    server.close()
  }
}
