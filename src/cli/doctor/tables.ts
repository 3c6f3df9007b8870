import { tables as definitions, type TableDefinition } from '../../catalogue/index.ts'
import { codeOf } from '../../resources.ts'
import { type Plan, planTables } from '../../tables/index.ts'
import { describe } from '../tables/report.ts'
import type { Check, Finding, Group } from './check.ts'
import { HTTP } from './codes.ts'
import { BIGQUERY, type Patient } from './patient.ts'

const DAY_MS = 86_400_000

export const tables = (patient: Patient): Group => ({
  title: 'Dataset and tables',
  checks: [dataset(patient), ...definitions.map((definition) => table(patient, definition))],
})

const dataset = ({ clients, settings }: Patient): Check => ({
  name: settings.resources.dataset,
  needs: [BIGQUERY],
  async run() {
    try {
      const [{ location, defaultTableExpirationMs }] = await clients.bigquery
        .dataset(settings.resources.dataset)
        .getMetadata()
      if (!Number(defaultTableExpirationMs)) return { status: 'well', detail: `is there, in ${location}` }
      const days = Number(defaultTableExpirationMs) / DAY_MS
      return {
        status: 'fault',
        detail: `deletes each new table after ${days} days`,
        mend: `ALTER SCHEMA ${settings.resources.dataset} SET OPTIONS (default_table_expiration_days = NULL)`,
      }
    } catch (thrown) {
      if (codeOf(thrown) !== HTTP.NOT_FOUND) throw thrown
      return { status: 'fault', detail: 'is not there', mend: '`sluice provision` makes it.' }
    }
  },
})

const table = ({ clients, settings }: Patient, definition: TableDefinition): Check => ({
  name: definition.table,
  needs: [BIGQUERY],
  async run() {
    const [planned] = await planTables(clients, settings, [definition])
    const { text, details } = describe({ table: definition.table, ...planned!.plan })
    return { ...JUDGEMENTS[planned!.plan.action], detail: details.length > 0 ? `${text}: ${details.join('; ')}` : text }
  },
})

const JUDGEMENTS: Readonly<Record<Plan['action'], Omit<Finding, 'detail'>>> = {
  nothing: { status: 'well' },
  create: { status: 'fault', mend: '`sluice tables apply` makes it.' },
  evolve: { status: 'fault', mend: '`sluice tables apply` changes it.' },
  refuse: { status: 'fault', mend: 'docs/data-modeling.md says how a table may change.' },
}
