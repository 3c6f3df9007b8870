import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DockerComposeEnvironment, Wait } from 'testcontainers'
import { type Clients, connect } from '../../src/clients.ts'
import { parseSettings, type Settings } from '../../src/settings.ts'

const ROOT = join(import.meta.dirname, '../..')

/** The third-party emulators of docker-compose.yml in containers of their own, on free ports of this machine. */
export interface Containers extends AsyncDisposable {
  readonly settings: Settings
  readonly clients: Clients
  /** What another process needs to reach these emulators. */
  readonly environment: Readonly<Record<string, string>>
}

/** Starts them, empty, and waits until they are healthy; disposing of them ends and removes them. */
export async function startContainers(): Promise<Containers> {
  await using starting = new AsyncDisposableStack()
  const ports = { PUBSUB_PORT: '0', STORAGE_PORT: '0', BIGQUERY_PORT: '0', BIGQUERY_GRPC_PORT: '0' }
  const running = await new DockerComposeEnvironment(ROOT, 'docker-compose.yml')
    .withEnvironment(ports)
    .withProfiles('third-party')
    .withDefaultWaitStrategy(Wait.forHealthCheck())
    .withStartupTimeout(60_000)
    .up(['pubsub', 'storage', 'bigquery'])
  starting.defer(async () => void (await running.down({ removeVolumes: true })))
  const at = (service: string, port: number) => {
    const container = running.getContainer(`${service}-1`)
    return `127.0.0.1:${container.getMappedPort(port)}`
  }
  const environment = {
    SLUICE_BACKEND: 'docker',
    PUBSUB_EMULATOR_HOST: at('pubsub', 8085),
    STORAGE_EMULATOR_HOST: at('storage', 4443),
    BIGQUERY_EMULATOR_HOST: at('bigquery', 9050),
    BIGQUERY_STORAGE_EMULATOR_HOST: at('bigquery', 9060),
  }
  const settings = parseSettings(environment)
  const clients = starting.use(connect(settings))
  const owned = starting.move()
  return { settings, clients, environment, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/**
 * Why no container can be started here, or why those of the named services say nothing about the programs whose names
 * they bear; nothing when they can and do.
 */
export async function whyNoContainers(...services: readonly string[]): Promise<string | undefined> {
  try {
    await docker('version', '--format', '{{.Server.Version}}')
    await docker('compose', 'version')
  } catch (thrown) {
    return `skipped: no Docker engine with Compose version 2 runs here; \`npm run test:docker\` brings one (${thrown})`
  }
  const { stdout } = await docker('compose', '--profile', 'third-party', 'config', '--format', 'json')
  const images = services.map((service): string => JSON.parse(stdout).services[service].image)
  const found = await Promise.all(images.map(isStandIn))
  const standIn = images.find((_, i) => found[i])
  return standIn && `skipped: the image ${standIn} is a stand-in here`
}

const docker = (...args: string[]) => promisify(execFile)('docker', args, { timeout: 10_000, cwd: ROOT })

/** scripts/docker/ labels what it has made. */
async function isStandIn(image: string): Promise<boolean> {
  const { stdout } = await docker('image', 'inspect', '--format', '{{index .Config.Labels "sluice.origin"}}', image)
  return stdout.trim() === 'stand-in'
}
