import { type Clients, connect } from '../../src/clients.ts'
import { parseSettings, type Settings } from '../../src/settings.ts'

export interface Containers extends AsyncDisposable {
  readonly settings: Settings
  readonly clients: Clients
}

/** The third-party emulators that the environment names, such as PUBSUB_EMULATOR_HOST. They must be up. */
export async function startContainers(): Promise<Containers> {
  const settings = parseSettings({ ...process.env, SLUICE_BACKEND: 'docker' })
  const clients = connect(settings)
  return { settings, clients, [Symbol.asyncDispose]: () => clients[Symbol.asyncDispose]() }
}
