import { ddl as createTable, tables } from '../../catalogue/index.ts'
import { labelsOf } from '../../resources.ts'
import { parseSettings, type Settings } from '../../settings.ts'
import { applyTables, type Planned, planTables } from '../../tables/index.ts'
import { chosenBackend } from '../chosen-backend.ts'
import { reaching } from '../reachable.ts'
import { type Finding, type PlannedTable, report } from './report.ts'

export interface TablesOptions {
  readonly json?: true
}

export async function plan(options: TablesOptions): Promise<void> {
  const found = await planned(await chosenBackend())
  print(found, options)
  process.exitCode = found.some(({ action }) => action === 'refuse') ? 1 : 0
}

export async function check(options: TablesOptions): Promise<void> {
  const found = await planned(await chosenBackend())
  print(found, options)
  process.exitCode = found.every(({ action }) => action === 'nothing') ? 0 : 1
}

export async function apply(options: TablesOptions): Promise<void> {
  const settings = await chosenBackend()
  const applied = await reaching(settings, (clients) => applyTables(clients, settings))
  print(applied, options)
  process.exitCode = applied.some(({ outcome }) => outcome === 'refused') ? 1 : 0
}

export async function ddl({ json }: TablesOptions): Promise<void> {
  const settings = parseSettings()
  const dataset = `${settings.projectId}.${settings.resources.dataset}`
  const options = { labels: labelsOf(settings), partitionDays: settings.partitionDays }
  const statements = tables.map((definition) => ({
    table: definition.table,
    statement: createTable(definition, dataset, options),
  }))
  if (json) console.log(JSON.stringify(statements, null, 2))
  else console.log([`CREATE SCHEMA IF NOT EXISTS \`${dataset}\`;\n`, ...statements.map((s) => s.statement)].join('\n'))
}

const planned = async (settings: Settings): Promise<PlannedTable[]> =>
  (await reaching(settings, (clients) => planTables(clients, settings))).map(({ definition, plan }: Planned) => ({
    table: definition.table,
    ...plan,
  }))

function print(findings: readonly Finding[], { json }: TablesOptions): void {
  console.log(json ? JSON.stringify(findings, null, 2) : report(findings))
}
