import { readFileSync, writeFileSync } from 'node:fs'
import * as bigquery from '../tests/contracts/bigquery/implementations.ts'
import { bigqueryContract } from '../tests/contracts/bigquery/index.ts'
import type { Contract, Divergence, Implementation } from '../tests/contracts/contract.ts'
import * as pubsub from '../tests/contracts/pubsub/implementations.ts'
import { pubsubContract } from '../tests/contracts/pubsub/index.ts'
import * as sinks from '../tests/contracts/sinks/implementations.ts'
import { sinksContract } from '../tests/contracts/sinks/index.ts'
import * as storage from '../tests/contracts/storage/implementations.ts'
import { storageContract } from '../tests/contracts/storage/index.ts'

/**
 * Writes into docs/fidelity.md what each implementation of a service keeps of its contract: the lists that the contracts
 * are run with. Each part lies between two comments. With --check it only fails when the document is out of date.
 */

const DOCUMENT = new URL('../docs/fidelity.md', import.meta.url)

/** By the name of its part of the document. */
const parts: Readonly<Record<string, string>> = {
  'pubsub embedded': described(pubsubContract, pubsub.embedded),
  'pubsub docker': described(pubsubContract, pubsub.googleEmulator),
  'storage embedded': described(storageContract, storage.embedded),
  'storage docker': described(storageContract, storage.fakeGcsServer),
  'bigquery embedded': described(bigqueryContract, bigquery.embedded),
  'bigquery docker': described(bigqueryContract, bigquery.goccy),
  'sinks embedded': described(sinksContract, sinks.embedded),
  'sinks docker': described(sinksContract, sinks.thirdParty),
}

export const partNames = Object.keys(parts)

export function withDivergences(document: string): string {
  return document.replace(/(<!-- begin contract (.+?) -->\n)[\s\S]*?(<!-- end -->)/g, (_all, begin, name, end) => {
    const part = parts[name]
    if (part === undefined) throw new Error(`docs/fidelity.md wants “${name}”, which is no implementation.`)
    return `${begin}${part}\n${end}`
  })
}

function described<C extends Contract<never>>(contract: C, { name, diverges, lacks }: Implementation<C>): string {
  const clauses = Object.entries(contract)
  const differing = Object.entries<Divergence>(diverges as Record<string, Divergence>)
  const untried = clauses.filter(([, clause]) => typeof clause === 'object' && clause.needs in lacks)
  const lines = [
    ...itemised(differing, (divergence) => inWords(divergence)),
    ...itemised(untried, (clause) => {
      const { needs } = clause as { needs: string }
      return `not tried, for want of ${needs}: ${lacks[needs]}`
    }),
  ]
  const kept = clauses.length - differing.length - untried.length
  const count = lines.length === 0 ? `all ${kept} sentences` : `${kept} of ${clauses.length} sentences, but not these`
  return [`${name} keeps ${count}${lines.length === 0 ? '.' : ':\n'}`, ...lines].join('\n')
}

/** One item for all sentences about which the same is to be said. */
function itemised<T>(entries: readonly (readonly [string, T])[], say: (about: T) => string): string[] {
  const together = Map.groupBy(entries, ([, about]) => say(about))
  return [...together].map(([words, all]) => `- ${all.map(([sentence]) => `*${sentence}*`).join('; ')}: ${words}`)
}

function inWords(divergence: Divergence): string {
  if (typeof divergence === 'string') return divergence
  if ('byChance' in divergence) return `${divergence.instead} (when the two meet)`
  return `${divergence.instead} (until ${divergence.until}, as its release notes say)`
}

if (import.meta.main) {
  const document = readFileSync(DOCUMENT, 'utf8')
  const current = withDivergences(document)
  if (!process.argv.includes('--check')) writeFileSync(DOCUMENT, current)
  else if (current !== document) {
    console.error('docs/fidelity.md is out of date: node scripts/divergences.ts')
    process.exitCode = 1
  }
}
