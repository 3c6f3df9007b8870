import { resolve } from 'node:path'
import { type Clock, systemClock } from '../../clock/index.ts'
import type { Clients } from '../clients.ts'
import { batchingTopic } from '../generator/index.ts'
import { openFixture } from '../recording/index.ts'
import { publishFixture, type Replayed } from '../replay/index.ts'
import type { Settings } from '../settings.ts'
import { type FaultPlan, type Log, startStack as startOwnStack } from '../stack/index.ts'
import { type Inside, keepInside, type Taken } from './inside.ts'
import { type Outputs, outputsOfStack } from './outputs.ts'
import { messageOf, type OutgoingEvent, type OutgoingMessage, publishAll } from './publishing.ts'
import { settled } from './settled.ts'

export interface TestStackOptions<Time extends Clock = Clock> {
  /**
   * What time it is: for the emulators, whose leases, retention and publish times follow it, and for the rows, which are
   * stamped by it. What the pipeline waits for passes in real time, so nothing hangs while nobody moves a manual clock.
   */
  readonly clock?: Time
  /** Calls to the emulators that are to fail: `failing('Publish', { times: 2 })`. */
  readonly faults?: FaultPlan
  /** Settings by their variables, such as `SLUICE_ALLOWED_LATENESS`; those of backend and emulators are the stack's own. */
  readonly environment?: Readonly<Record<string, string>>
  /** How long nothing may become durable before settled() gives up: 10 s unless told otherwise. */
  readonly patienceMs?: number
  /** What the pipeline logs goes here: `console` will do. */
  readonly log?: Log
}

/** A whole pipeline of a test's own, on free ports: emulators, resources, table manager and pipeline. */
export interface TestStack<Time extends Clock = Clock> extends AsyncDisposable {
  readonly settings: Settings
  /** Google's clients, connected to its emulators. */
  readonly clients: Clients
  /** The variables with which Google's clients, or another process, find its emulators. */
  readonly environment: Readonly<Record<string, string>>
  readonly clock: Time
  readonly outputs: Outputs
  /** Publishes events as JSON. Resolves with their message ids once the topic has them. */
  publish<Event extends OutgoingEvent>(event: Event): Promise<string>
  publish<Event extends OutgoingEvent>(events: readonly Event[]): Promise<string[]>
  /** The same for messages of any kind, with attributes and ordering keys. */
  publishMessage(message: OutgoingMessage): Promise<string>
  publishMessage(messages: readonly OutgoingMessage[]): Promise<string[]>
  /** Publishes a fixture, as `sluice replay` does. Resolves once the topic has all of it. */
  replay(folder: string, options?: { readonly speed?: number; readonly shiftTo?: number }): Promise<void>
  /**
   * Resolves once everything that the topic has taken, by whomever, is durable: rows, raw lines and dead letters. Throws
   * a NotSettledError when nothing becomes durable any more.
   */
  settled(): Promise<void>
}

const PATIENCE_MS = 10_000

/** A test publishes little, and waits for it. */
const BUNDLE = { maxWaitMs: 20 }

/** Variables that are the stack's own to say. */
const OWN = /^(SLUICE_BACKEND|\w+_EMULATOR_HOST)$/

/** Starts a stack; dispose of it with `await using`. Stacks do not disturb each other. */
export async function startStack<Time extends Clock = Clock>(
  options: TestStackOptions<Time> = {},
): Promise<TestStack<Time>> {
  const { faults, environment = {}, patienceMs = PATIENCE_MS, log } = options
  const own = Object.keys(environment).find((name) => OWN.test(name))
  if (own !== undefined) throw new Error(`${own} cannot be set: the stack has emulators of its own.`)
  const clock = options.clock ?? (systemClock as Time)
  const published: Taken[] = []
  const replayed = new Map<string, Replayed>()
  const stack = await startOwnStack({
    clock,
    environment,
    bundle: BUNDLE,
    tables: 'ready',
    ...(faults && { faults }),
    ...(log && { log }),
    onPublished(messages) {
      for (const { id, attributes } of messages) published.push({ message_id: id, event_id: attributes.event_id || id })
    },
  })
  const { settings, clients } = stack
  const inside: Inside = { own: stack, published, replayed }
  const topic = batchingTopic(clients.pubsub, settings.resources.topic)
  return keepInside(
    {
      settings,
      clients,
      clock,
      environment: {
        ...environment,
        GOOGLE_CLOUD_PROJECT: settings.projectId,
        // BigQuery's client looks for credentials even so.
        METADATA_SERVER_DETECTION: 'none',
        ...stack.variables,
        // Google's own clients want a whole URL in these.
        STORAGE_EMULATOR_HOST: `http://${stack.variables.STORAGE_EMULATOR_HOST}`,
        BIGQUERY_EMULATOR_HOST: `http://${stack.variables.BIGQUERY_EMULATOR_HOST}`,
      },
      outputs: outputsOfStack(inside),
      publish: oneOrMany((events: readonly OutgoingEvent[]) => publishAll(topic, events.map(messageOf))),
      publishMessage: oneOrMany((messages: readonly OutgoingMessage[]) => publishAll(topic, messages)),
      async replay(folder, { speed = 0, shiftTo } = {}) {
        const fixture = await openFixture(folder)
        const options = { speed, ...(shiftTo !== undefined && { shiftTo }) }
        replayed.set(resolve(folder), await publishFixture(fixture, stack, options))
      },
      settled: () => settled(inside, patienceMs),
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    } satisfies TestStack<Time>,
    inside,
  )
}

/** One id for one, and ids for many. */
function oneOrMany<Given extends object>(publish: (given: readonly Given[]) => Promise<string[]>) {
  function either(given: Given): Promise<string>
  function either(given: readonly Given[]): Promise<string[]>
  async function either(given: Given | readonly Given[]): Promise<string | string[]> {
    const isMany = (g: Given | readonly Given[]): g is readonly Given[] => Array.isArray(g)
    if (isMany(given)) return await publish(given)
    const [id] = await publish([given])
    return id!
  }
  return either
}
