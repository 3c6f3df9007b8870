import { styleText } from 'node:util'
import { startEmulators } from '../../../emulators/index.ts'
import { type Clients, connect } from '../../clients.ts'
import { provision } from '../../resources.ts'
import { environmentWith, parseSettings, type Settings } from '../../settings.ts'
import { variablesOf } from '../../stack/index.ts'
import { interrupted } from '../interrupted.ts'
import { ROOT, RUNS_FROM_SOURCES } from '../itself.ts'
import { refuseOtherBackends } from '../own-stack.ts'
import { portsAreFree } from '../ports.ts'
import { UserError } from '../user-error.ts'
import { affectedBy, PARTS, type PartName, staysAsItWas } from './affected.ts'
import { Complaints } from './complaint.ts'
import { Figures } from './figures.ts'
import { Part, type PartOptions } from './part.ts'
import { type Screen, screenOn } from './screen.ts'
import { watchSources } from './watch.ts'

export interface DevOptions {
  readonly host: string
  readonly generatorPort: number
  readonly tableManagerPort: number
  readonly pipelinePort: number
  readonly pubsubPort: number
  readonly storagePort: number
  readonly bigqueryPort: number
}

const AGAIN = RUNS_FROM_SOURCES ? 'It starts again when a source of it changes.' : 'End dev and start it again.'

/** Runs the stack until interrupted; throws a UserError when a port is taken. */
export async function run(options: DevOptions): Promise<void> {
  const ended = interrupted()
  refuseOtherBackends()
  await portsAreFree(options.host, [
    { port: options.generatorPort, wantedBy: 'the event generator', flag: '--generator-port' },
    { port: options.tableManagerPort, wantedBy: 'the table manager', flag: '--table-manager-port' },
    { port: options.pipelinePort, wantedBy: 'the pipeline', flag: '--pipeline-port' },
    { port: options.pubsubPort, wantedBy: 'the Pub/Sub emulator', flag: '--pubsub-port' },
    { port: options.storagePort, wantedBy: 'the Cloud Storage emulator', flag: '--storage-port' },
    { port: options.bigqueryPort, wantedBy: 'the BigQuery emulator', flag: '--bigquery-port' },
  ])
  const screen = screenOn(process.stdout)
  await using closing = new AsyncDisposableStack()
  await Promise.race([start(options, { screen, closing }), ended])
  await ended
  screen.end()
  screen.say('Ending: first the generator, then the pipeline and the table manager, the emulators last …')
}

interface Places {
  readonly screen: Screen
  /** Whatever is started is closed here, the last one first. */
  readonly closing: AsyncDisposableStack
}

async function start(options: DevOptions, places: Places): Promise<void> {
  const { screen, closing } = places
  const started = performance.now()
  const { host } = options
  const emulators = closing.use(
    await startEmulators({
      host,
      ports: { pubsub: options.pubsubPort, storage: options.storagePort, bigquery: options.bigqueryPort },
    }),
  )
  const environment = environmentWith(variablesOf(emulators))
  const settings = parseSettings(environment)
  const clients = closing.use(connect(settings))
  const figures = new Figures(performance.now())
  const parts = makeParts(options, { ...places, environment, figures })

  await parts['table manager'].restart()
  const { url } = parts['table manager']
  if (!url) throw new UserError('the table manager did not start, and without it no table would be made.')
  await provision(clients, settings, { tablesPushEndpoint: url.href })
  await hear(clients, settings, (messageId) => figures.published(messageId))
  await Promise.all([parts.pipeline.restart(), parts.generator.restart()])

  const at = ({ port }: { port: number }) => `${host}:${port}`
  const generator = parts.generator.url?.origin ?? 'not running'
  screen.say(`Everything is up after ${Math.round(performance.now() - started)} ms:`)
  screen.say(`  Pub/Sub          ${at(emulators.pubsub)}`)
  screen.say(`  Cloud Storage    http://${at(emulators.storage)}`)
  screen.say(`  BigQuery         http://${at(emulators.bigquery)}`)
  screen.say(`  table manager    ${url.origin}`)
  screen.say(`  pipeline         ${parts.pipeline.url?.origin ?? 'not running'}`)
  screen.say(`  event generator  ${generator}`)
  screen.say(`  its docs         ${generator}/docs`)
  screen.say(`Try: curl -X POST ${generator}/scenarios/light_demo/start`)
  if (RUNS_FROM_SOURCES) {
    closing.use(watchSources(ROOT, (paths) => void restartChanged(paths, { parts, screen })))
    screen.say('Sources are watched, and what changed is restarted; Ctrl+C ends everything.')
  } else screen.say('An installed package has no sources to watch; Ctrl+C ends everything.')
  const timer = setInterval(() => screen.figures(figures.line(performance.now())), screen.everyMs)
  closing.defer(() => {
    clearInterval(timer)
    screen.end()
  })
}

type Parts = Readonly<Record<PartName, Part>>

interface Surroundings extends Places {
  readonly environment: PartOptions['environment']
  readonly figures: Figures
}

/** None of them runs yet. They end in the order generator, pipeline, table manager. */
function makeParts(options: DevOptions, { screen, closing, environment, figures }: Surroundings): Parts {
  const part = (name: PartName, command: PartOptions['command'], onLine?: PartOptions['onLine']) => {
    const complaints = new Complaints(name)
    const tell = (line: string) => {
      const text = complaints.text(line, performance.now())
      if (text) screen.say(text)
    }
    const onEnd = (how: string) => screen.say(warning(`The ${name} ${how}. ${AGAIN}`))
    return closing.use(new Part({ command, environment, onLine: onLine ?? tell, onComplaint: tell, onEnd }))
  }
  const listening = (command: string, port: number) => (url: URL | undefined) => [
    command,
    '--host',
    options.host,
    '--port',
    url?.port || String(port),
  ]
  const ignore = () => {}
  return {
    'table manager': part('table manager', listening('table-manager', options.tableManagerPort)),
    pipeline: part('pipeline', listening('pipeline', options.pipelinePort), (line) =>
      figures.durable(JSON.parse(line)),
    ),
    // What it would tell people about itself is said above.
    generator: part('generator', listening('generator', options.generatorPort), ignore),
  }
}

/** A subscription of dev's own: it hears of every message, whoever publishes it. */
async function hear({ pubsub }: Clients, settings: Settings, onMessage: (messageId: string) => void): Promise<void> {
  const { topic } = settings.resources
  const [subscription] = await pubsub.topic(topic).createSubscription(`${settings.environment}-backend-events-figures`)
  subscription.on('message', (message) => {
    onMessage(message.id)
    message.ack()
  })
  // The emulator is ours, and ends after this: a stream that breaks then is no fault.
  subscription.on('error', () => {})
}

interface Running {
  readonly parts: Parts
  readonly screen: Screen
}

async function restartChanged(paths: readonly string[], { parts, screen }: Running): Promise<void> {
  const kept = paths.filter(staysAsItWas)
  if (kept.length > 0) screen.say(warning(`${named(kept)} changed: end dev and start it again to take it.`))
  await Promise.all(
    PARTS.map(async (name) => {
      const why = paths.filter((path) => affectedBy(path).includes(name))
      if (why.length === 0) return
      screen.say(`${named(why)} changed: restarting the ${name} …`)
      const started = performance.now()
      const isReady = await parts[name].restart()
      if (isReady) screen.say(`The ${name} is back after ${Math.round(performance.now() - started)} ms.`)
    }),
  )
}

const named = ([first, ...others]: readonly string[]) =>
  others.length === 0 ? first : `${first} and ${others.length} more`

const warning = (text: string) => styleText('yellow', text)
