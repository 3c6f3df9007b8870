import type { Counter, Histogram, Registry } from 'prom-client'

/** Makes the pipeline's metrics: all of one prefix, in one registry. */
export interface Instruments {
  readonly registry: Registry
  counter<Label extends string = never>(name: string, help: string, labelNames?: Label[]): Counter<Label>
  /** A counter of something that counts for itself: read whenever the metrics are. */
  counted(name: string, help: string, read: () => number): void
  gauge(name: string, help: string, read: () => number): void
  /** A gauge with one label: `read` gives the value for each of its values. */
  gauges(name: string, help: string, of: Labelled): void
  histogram<Label extends string = never>(name: string, help: string, of: Buckets<Label>): Histogram<Label>
}

interface Labelled {
  readonly label: string
  readonly read: () => Readonly<Record<string, number>>
}

interface Buckets<Label extends string> {
  readonly buckets: number[]
  readonly labelNames?: Label[]
}

export async function createInstruments(prefix: string): Promise<Instruments> {
  // Loaded here, since most runs are never asked.
  const { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } = await import('prom-client')
  const registry = new Registry()
  const common = (name: string, help: string) => ({ name: `${prefix}${name}`, help, registers: [registry] })
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    counter: (name, help, labelNames = []) => new Counter({ ...common(name, help), labelNames }),
    counted(name, help, read) {
      new Counter({
        ...common(name, help),
        collect() {
          this.reset()
          this.inc(read())
        },
      })
    },
    gauge(name, help, read) {
      new Gauge({
        ...common(name, help),
        collect() {
          this.set(read())
        },
      })
    },
    gauges(name, help, { label, read }) {
      new Gauge({
        ...common(name, help),
        labelNames: [label],
        collect() {
          for (const [value, number] of Object.entries(read())) this.set({ [label]: value }, number)
        },
      })
    },
    histogram: (name, help, { buckets, labelNames = [] }) =>
      new Histogram({ ...common(name, help), buckets, labelNames }),
  }
}
