import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'
import { startEmulators } from '../../../emulators/index.ts'
import { type Clients, connect } from '../../clients.ts'
import { provision } from '../../resources.ts'
import { environmentWith, parseSettings, type Settings } from '../../settings.ts'
import { interrupted } from '../interrupted.ts'
import { portsAreFree } from '../ports.ts'
import { refuseOtherBackends, variablesOf } from '../stack.ts'
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
  readonly tablesPort: number
  readonly pubsubPort: number
  readonly storagePort: number
  readonly bigqueryPort: number
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** Runs the stack until interrupted; throws a UserError when a port is taken. */
export async function run(options: DevOptions): Promise<void> {
  const ended = interrupted()
  refuseOtherBackends()
  await portsAreFree(options.host, [
    { port: options.generatorPort, wantedBy: 'the event generator', flag: '--generator-port' },
    { port: options.tablesPort, wantedBy: 'the table manager', flag: '--tables-port' },
    { port: options.pubsubPort, wantedBy: 'the Pub/Sub emulator', flag: '--pubsub-port' },
    { port: options.storagePort, wantedBy: 'the Cloud Storage emulator', flag: '--storage-port' },
    { port: options.bigqueryPort, wantedBy: 'the BigQuery emulator', flag: '--bigquery-port' },
  ])
  const screen = screenOn(process.stdout)
  await using closing = new AsyncDisposableStack()
  await Promise.race([start(options, { screen, closing }), ended])
  await ended
  screen.say('Ending: first the generator, then the pipeline and the table manager, the emulators last …')
}

async function start(
  options: DevOptions,
  { screen, closing }: { readonly screen: Screen; readonly closing: AsyncDisposableStack },
): Promise<void> {
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
  const part = (name: PartName, more: Pick<PartOptions, 'command' | 'onLine'>) => {
    const complaints = new Complaints(name)
    return closing.use(
      new Part({
        environment,
        onComplaint(line) {
          const text = complaints.text(line, performance.now())
          if (text) screen.say(text)
        },
        onEnd: (how) => screen.say(warning(`The ${name} ${how}. It starts again when a source of it changes.`)),
        ...more,
      }),
    )
  }
  const listening = (command: string, port: number) => (url: URL | undefined) => [
    command,
    '--host',
    host,
    '--port',
    url?.port || String(port),
  ]
  const parts: Record<PartName, Part> = {
    'table manager': part('table manager', { command: listening('tables', options.tablesPort) }),
    pipeline: part('pipeline', {
      command: () => ['pipeline'],
      onLine: (line) => figures.durable(JSON.parse(line)),
    }),
    generator: part('generator', { command: listening('generator', options.generatorPort) }),
  }

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
  screen.say(`  event generator  ${generator}`)
  screen.say(`  its docs         ${generator}/docs`)
  screen.say(`Try: curl -X POST ${generator}/scenarios/light_demo/start`)
  screen.say('Sources are watched, and what changed is restarted; Ctrl+C ends everything.')

  closing.use(watchSources(ROOT, (paths) => void restartChanged(paths, { parts, screen })))
  const timer = setInterval(() => screen.figures(figures.line(performance.now())), screen.everyMs)
  closing.defer(() => clearInterval(timer))
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
  readonly parts: Readonly<Record<PartName, Part>>
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
