import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { partNames, withDivergences } from '../../scripts/divergences.ts'

const document = readFileSync(new URL('../../docs/fidelity.md', import.meta.url), 'utf8')

test('the document shows what each implementation keeps of its contract', () => {
  for (const name of partNames) expect(document).toContain(`<!-- begin contract ${name} -->`)
  expect(withDivergences(document)).toBe(document) // else: node scripts/divergences.ts
})
