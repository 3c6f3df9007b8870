import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { GeneratedMessage } from '../message.ts'

/** From an emulator's millisecond to the client's patience. */
const PUBLISH_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60]

type Publish = (message: GeneratedMessage) => Promise<string>

export interface Metrics {
  readonly registry: Registry
  /** The same publish, counted. */
  counted(publish: Publish): Publish
}

/** `runningTasks` is asked whenever the metrics are read. */
export function createMetrics(runningTasks: () => number): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const published = new Counter({
    name: 'sluice_generator_published_total',
    help: 'Messages that the topic has acknowledged.',
    labelNames: ['event_type'],
    registers,
  })
  const failed = new Counter({
    name: 'sluice_generator_failed_total',
    help: 'Messages that the topic has refused.',
    labelNames: ['event_type'],
    registers,
  })
  const seconds = new Histogram({
    name: 'sluice_generator_publish_seconds',
    help: 'How long a message takes from being made to its acknowledgement, batching included.',
    buckets: PUBLISH_SECONDS,
    registers,
  })
  new Gauge({
    name: 'sluice_generator_running_tasks',
    help: 'Tasks that are pending or running.',
    registers,
    collect() {
      this.set(runningTasks())
    },
  })
  return {
    registry,
    counted: (publish) => async (message) => {
      const observe = seconds.startTimer()
      const labels = { event_type: message.eventType }
      try {
        const messageId = await publish(message)
        published.inc(labels)
        return messageId
      } catch (thrown) {
        failed.inc(labels)
        throw thrown
      } finally {
        observe()
      }
    },
  }
}
