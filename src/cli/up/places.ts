import { z } from 'zod'

const container = z.object({
  Service: z.string(),
  Publishers: z
    .array(z.object({ URL: z.string(), TargetPort: z.number(), PublishedPort: z.number() }))
    .nullish()
    .transform((published) => published ?? []),
})

/** What listens where on this machine, as `host:port`. */
export interface Places {
  readonly generator: string
  readonly tableManager: string
  readonly pipeline: string
  readonly pubsub: string
  readonly storage: string
  readonly bigquery: string
  readonly bigqueryStorage: string
}

/** Reads `docker compose ps --format json`: an array, or from Compose 2.21 on an object on each line. */
export function placesOf(listed: string): Places {
  const values: unknown[] = listed.startsWith('[')
    ? JSON.parse(listed)
    : listed
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
  const containers = z.array(container).parse(values)
  const at = (services: readonly string[], ...ports: readonly number[]) => {
    const published = containers
      .filter(({ Service }) => services.includes(Service))
      .flatMap(({ Publishers }) => Publishers)
      .find(({ TargetPort, PublishedPort }) => ports.includes(TargetPort) && PublishedPort !== 0)
    if (!published) throw new Error(`Docker publishes no port ${ports[0]} of ${services[0]}.`)
    return `${published.URL}:${published.PublishedPort}`
  }
  return {
    generator: at(['generator'], 8080),
    tableManager: at(['table-manager'], 8787),
    pipeline: at(['pipeline'], 8081),
    pubsub: at(['pubsub', 'emulators'], 8085),
    storage: at(['storage', 'emulators'], 4443),
    bigquery: at(['bigquery', 'emulators'], 9050),
    bigqueryStorage: at(['bigquery', 'emulators'], 9060),
  }
}

/** What a shell is to export, so that its programs find the stack. */
export const variablesFor = (places: Places) => ({
  SLUICE_BACKEND: 'docker',
  PUBSUB_EMULATOR_HOST: places.pubsub,
  STORAGE_EMULATOR_HOST: `http://${places.storage}`,
  BIGQUERY_EMULATOR_HOST: `http://${places.bigquery}`,
  BIGQUERY_STORAGE_EMULATOR_HOST: places.bigqueryStorage,
})
