import { readFileSync, writeFileSync } from 'node:fs'
import { ddl, tables } from '../src/catalogue/index.ts'
import { type LiveTable, planTable } from '../src/tables/index.ts'
import { allowed, before, refused, type SchemaChange } from './schema-changes.ts'

/**
 * Writes into docs/data-modeling.md what follows from the catalogue: the DDL of every table, and what becomes of each
 * change of a schema. Each part lies between two comments. With --check it only fails when the document is out of date.
 */

const DOCUMENT = new URL('../docs/data-modeling.md', import.meta.url)

export function withGenerated(document: string): string {
  const parts: Record<string, string> = {
    ...Object.fromEntries(tables.map((t) => [`ddl ${t.table}`, fenced(ddl(t, 'dev_events_dataset'))])),
    'allowed changes': table(['change of the definition', 'what happens to the table'], allowed.map(allowedRow)),
    'refused changes': table(['change of the definition', 'why it is refused'], refused.map(refusedRow)),
  }
  return document.replace(/(<!-- begin (.+?) -->\n)[\s\S]*?(<!-- end -->)/g, (_all, begin, name, end) => {
    const part = parts[name]
    if (part === undefined) throw new Error(`docs/data-modeling.md wants “${name}”, which is not generated.`)
    return `${begin}${part}\n${end}`
  })
}

const fenced = (text: string) => `\`\`\`sql\n${text.trim()}\n\`\`\``

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** The table of the definition before its change, as BigQuery shows it. */
const live: LiveTable = {
  description: before.description,
  schema: { fields: before.columns },
  timePartitioning: { type: 'DAY', field: before.partitionBy },
  clustering: { fields: before.clusterBy },
}

function allowedRow({ what, after }: SchemaChange): string[] {
  const plan = planTable(live, after)
  if (plan.action === 'create' || plan.action === 'refuse') throw new Error(`This change is not allowed: ${what}`)
  const changes = plan.action === 'evolve' ? plan.changes.map(({ kind, column }) => `${kind} \`${column}\``) : []
  const stays = plan.extraColumns.map((column) => `\`${column}\` stays`)
  return [what, [...changes, ...stays].join(', ')]
}

function refusedRow({ what, after }: SchemaChange): string[] {
  const plan = planTable(live, after)
  if (plan.action !== 'refuse') throw new Error(`This change is not refused: ${what}`)
  return [what, plan.differences.map(({ message }) => message).join(' ')]
}

if (import.meta.main) {
  const document = readFileSync(DOCUMENT, 'utf8')
  const current = withGenerated(document)
  if (!process.argv.includes('--check')) writeFileSync(DOCUMENT, current)
  else if (current !== document) {
    console.error('docs/data-modeling.md is out of date: node scripts/data-model.ts')
    process.exitCode = 1
  }
}
