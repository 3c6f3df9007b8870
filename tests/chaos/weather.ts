import type { Fault, FaultPlan } from '../../emulators/index.ts'
import type { Service } from './plan.ts'

/** Which calls fail now: by chance, or because a whole service is out. Producers are spared, to know what they sent. */
export class Weather {
  /** How many calls were made to fail. */
  struck = 0
  #bad = false
  readonly #chance: () => Fault | undefined
  readonly #out = new Map<Service, number>()
  #acks: { readonly until: number; readonly when: 'before' | 'after' } | undefined

  constructor(chance: () => Fault | undefined) {
    this.#chance = chance
  }

  readonly faults: FaultPlan = (call) => {
    const service = serviceOf(call)
    if (!this.#bad || service === undefined) return undefined
    const fault = this.#planned(call, service) ?? this.#chance()
    if (fault) this.struck += 1
    return fault
  }

  outage(of: Service, ms: number): void {
    this.#out.set(of, performance.now() + ms)
  }

  loseAcks(when: 'before' | 'after', ms: number): void {
    this.#acks = { when, until: performance.now() + ms }
  }

  begin(): void {
    this.#bad = true
  }

  end(): void {
    this.#bad = false
  }

  #planned(call: string, service: Service): Fault | undefined {
    const now = performance.now()
    if (now < (this.#out.get(service) ?? 0)) return { code: 'UNAVAILABLE', when: 'before' }
    const isLost = this.#acks && now < this.#acks.until && call === 'google.pubsub.v1.Subscriber.Acknowledge'
    // A code that Google's client does not try again by itself.
    return isLost ? { code: 'DEADLINE_EXCEEDED', when: this.#acks!.when } : undefined
  }

  /** While this work is done, nothing fails. */
  async spare(work: () => Promise<void>): Promise<void> {
    this.#bad = false
    await work()
    this.#bad = true
  }
}

function serviceOf(call: string): Service | undefined {
  if (call.startsWith('google.pubsub.v1.Subscriber.')) return 'pubsub'
  if (call.startsWith('google.cloud.bigquery.') || call.includes('/bigquery/v2/')) return 'bigquery'
  return call.includes('/storage/v1/') ? 'storage' : undefined
}
