import { Listr, type ListrTask } from 'listr2'
import { compose, DockerFailed, type DockerOptions, dockerIsThere } from '../docker.ts'
import { unlessInterrupted } from '../interrupted.ts'
import { UserError } from '../user-error.ts'
import { type Places, placesOf, variablesFor } from './places.ts'

export interface UpOptions {
  readonly docker?: true
  readonly embedded?: true
  readonly json?: true
}

/** Images may be some GB, and a network slow; what is here already is up in seconds. */
const PULL_SECONDS = 1_800
const BUILD_SECONDS = 900
const UP_SECONDS = 180

/** Services of docker-compose.yml whose images others have made. */
const THIRD_PARTY = ['pubsub', 'storage', 'bigquery']
/** The service that takes their place. */
const EMBEDDED = ['emulators']

/** Starts the containers and says what listens where; they go on running. */
export async function run({ docker, embedded, json }: UpOptions): Promise<void> {
  if (!docker) {
    throw new UserError('say where: `sluice up --docker` runs containers, `sluice dev` runs everything without Docker.')
  }
  const started = performance.now()
  const profile = embedded ? 'embedded' : 'third-party'
  const environment = { COMPOSE_PROFILES: profile }
  const steps = [
    step('Find Docker', async () => {
      await dockerIsThere()
      await othersAreDown(embedded ? THIRD_PARTY : EMBEDDED)
    }),
    step('Build the image sluice', (onLine) => compose(['build'], { environment, onLine, seconds: BUILD_SECONDS })),
    ...(embedded
      ? []
      : [
          step('Get the images of the emulators', (onLine) =>
            compose(['pull', '--policy', 'missing', ...THIRD_PARTY], { environment, onLine, seconds: PULL_SECONDS }),
          ),
        ]),
    step('Start the containers, and wait until all are healthy', (onLine) => start({ environment, onLine })),
  ]
  const list = new Listr(steps, {
    renderer: json ? 'silent' : 'default',
    fallbackRenderer: 'simple',
    rendererOptions: { showErrorMessage: false }, // it is printed at the end
    registerSignalListeners: false,
  })
  await unlessInterrupted(list.run())
  const places = placesOf(await compose(['ps', '--format', 'json'], { environment }))
  const seconds = (performance.now() - started) / 1_000
  const variables = variablesFor(places)
  console.log(json ? JSON.stringify({ profile, seconds, places, variables }, null, 2) : told(places, seconds))
}

const step = (title: string, work: (onLine: (line: string) => void) => Promise<unknown>): ListrTask => ({
  title,
  async task(_, task) {
    await work((line) => {
      task.output = line
    })
  },
})

/** Both kinds of emulators have the same names and ports, and a pipeline must not find itself between two of them. */
async function othersAreDown(others: readonly string[]): Promise<void> {
  const running = await compose(['--profile', '*', 'ps', '--services', '--status', 'running'])
  const found = running.split('\n').filter((service) => others.includes(service))
  if (found.length > 0)
    throw new UserError(`${found.join(', ')} of the other kind is running: \`sluice down\` ends it.`)
}

/** What a container that is not well has said tells more than that it is not well. */
async function start(options: DockerOptions): Promise<void> {
  try {
    await compose(['up', '--detach', '--wait', '--pull', 'never'], { ...options, seconds: UP_SECONDS })
  } catch (thrown) {
    if (!(thrown instanceof DockerFailed)) throw thrown
    const { environment = {} } = options
    const states = await compose(['ps', '--all', '--format', 'table {{.Service}}\t{{.Status}}'], { environment })
    const logs = await compose(['logs', '--no-color', '--tail', '8'], { environment })
    throw new UserError([thrown.message, states.trim(), logs.trim(), '`sluice down` ends what did start.'].join('\n\n'))
  }
}

const told = (places: Places, seconds: number) => `
Everything is up after ${seconds.toFixed(1)} s:
  event generator  http://${places.generator}, documented at http://${places.generator}/docs
  table manager    http://${places.tableManager}
  pipeline         http://${places.pipeline}/health
  Pub/Sub          ${places.pubsub}
  Cloud Storage    http://${places.storage}
  BigQuery         http://${places.bigquery}, its Storage Write API ${places.bigqueryStorage}

# Put these into the shell that runs your code:
${Object.entries(variablesFor(places))
  .map(([name, value]) => `export ${name}=${value}`)
  .join('\n')}

# Try: curl -X POST http://${places.generator}/scenarios/light_demo/start
# \`sluice down\` ends it, and all that it holds.`
