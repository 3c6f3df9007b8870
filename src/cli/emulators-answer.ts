import { setTimeout as pause } from 'node:timers/promises'
import { Client, credentials } from '@grpc/grpc-js'
import type { Endpoints } from '../settings.ts'
import { counted } from '../text.ts'
import { UserError } from './user-error.ts'

const ASK_AGAIN_MS = 250
const ANSWER_MS = 2_000

/**
 * Waits until each of the emulators answers in its own protocol: that a port is open proves nothing, since Docker opens
 * it before the emulator is up. Throws a UserError that names those that did not within so many seconds.
 */
export async function emulatorsAnswer(endpoints: Endpoints, seconds: number, say: (line: string) => void) {
  const started = performance.now()
  const until = Date.now() + seconds * 1_000
  const ask = { pubsub: grpcAnswers, storage: httpAnswers, bigquery: httpAnswers, bigqueryStorage: grpcAnswers }
  const silent: string[] = []
  await Promise.all(
    NAMES.map(async ([service, name]) => {
      const address = endpoints[service]
      if (await ask[service](address, until)) {
        say(`${name} answers at ${address} after ${((performance.now() - started) / 1_000).toFixed(1)} s`)
      } else silent.push(`${name} does not answer at ${address}`)
    }),
  )
  if (silent.length > 0) throw new UserError(`${silent.join(', ')} after ${counted(seconds, 'second')}.`)
}

const NAMES = [
  ['pubsub', 'Pub/Sub'],
  ['storage', 'Cloud Storage'],
  ['bigquery', 'BigQuery'],
  ['bigqueryStorage', 'the Storage Write API'],
] as const

/** Whether the other side has sent its HTTP/2 settings before `until`, in milliseconds since the epoch. */
async function grpcAnswers(address: string, until: number): Promise<boolean> {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': ASK_AGAIN_MS,
    'grpc.max_reconnect_backoff_ms': 2 * ASK_AGAIN_MS,
  })
  const answered = Promise.withResolvers<boolean>()
  client.waitForReady(until, (error) => answered.resolve(error === undefined))
  return answered.promise.finally(() => client.close())
}

/** Any answer will do, a refusal too. */
async function httpAnswers(address: string, until: number): Promise<boolean> {
  do {
    try {
      await fetch(`http://${address}/`, { signal: AbortSignal.timeout(ANSWER_MS) })
      return true
    } catch {
      await pause(ASK_AGAIN_MS)
    }
  } while (Date.now() < until)
  return false
}
