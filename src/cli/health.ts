import { parseArgs } from 'node:util'

export interface Health {
  /** All of them must answer. */
  readonly urls: readonly string[]
  /** Whether an answer with this status is a good one. */
  isWell(status: number | undefined): boolean
}

/** How to ask a sluice command with this command line whether it is well. One without a port is, as long as it runs. */
export function healthOf(commandLine: readonly string[]): Health {
  const at = commandLine.findIndex((word) => word in FACES)
  const command = commandLine[at]
  const { values } = parseArgs({
    args: commandLine.slice(at + 1),
    strict: false,
    options: Object.fromEntries(OPTIONS.map((name) => [name, { type: 'string' }])),
  })
  const faces = command ? FACES[command]! : []
  return {
    urls: faces.flatMap(([option, port, path]) => {
      const asked = values[option] ?? port
      return asked === undefined ? [] : [`http://127.0.0.1:${asked}${path}`]
    }),
    // An emulator has no such page: that it answers at all is what matters.
    isWell: (status) => command === 'emulators' || status === 200,
  }
}

/** The option that names a port, the port without it, and what to ask there for. */
const FACES: Readonly<Record<string, readonly (readonly [option: string, port: number | undefined, path: string])[]>> =
  {
    generator: [['port', 8080, '/health']],
    'table-manager': [['port', 8787, '/health']],
    pipeline: [['port', undefined, '/health']],
    emulators: [
      ['pubsub-port', 8085, '/'],
      ['storage-port', 4443, '/'],
      ['bigquery-port', 9050, '/'],
    ],
  }
const OPTIONS = [...new Set(Object.values(FACES).flatMap((faces) => faces.map(([option]) => option)))]
