import type { SluiceProcess } from '../tests/harness.ts'

/** The command of emulators in a process of their own, each on a free port. */
export const EMULATORS = ['emulators', '--pubsub-port', '0', '--storage-port', '0', '--bigquery-port', '0']

/** The variables that such a process says to export, once it has said them all. */
export async function exported(emulators: SluiceProcess): Promise<Record<string, string>> {
  const environment: Record<string, string> = {}
  for await (const line of emulators.lines) {
    const [, name, value] = /^export (\w+)=(.*)$/.exec(line) ?? []
    if (name && value) environment[name] = value
    if (Object.keys(environment).length === 3) break
  }
  return environment
}
