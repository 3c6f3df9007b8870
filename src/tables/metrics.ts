import type { Counts } from './handler.ts'

/** The counts in Prometheus' text format. */
export async function metricsText(counts: Counts): Promise<{ contentType: string; text: string }> {
  const { Counter, Registry } = await import('prom-client') // loaded with the first question: most runs have none
  const registry = new Registry()
  const counter = (name: string, help: string, values: Readonly<Record<string, number>>) => {
    const metric = new Counter({ name, help, labelNames: ['outcome'], registers: [registry] })
    for (const [outcome, value] of Object.entries(values)) metric.inc({ outcome }, value)
  }
  counter('sluice_table_manager_tables_total', 'Tables by what a look at them came to.', counts.tables)
  counter('sluice_table_manager_messages_total', 'Pushed messages by what became of them.', counts.messages)
  return { contentType: registry.contentType, text: await registry.metrics() }
}
