import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { recipes } from '../scripts/fixtures.ts'
import { malformed, scenarios } from '../src/generator/index.ts'
import { findFixtures, openFixture, readExpected, toLine } from '../src/recording/index.ts'

const root = join(import.meta.dirname, '../fixtures')

test.each(recipes.map((recipe) => [recipe.path, recipe] as const))('%s is what its recipe makes', (path, recipe) => {
  const hash = createHash('sha256')
  for (const message of recipe.messages()) hash.update(`${toLine(message)}\n`)
  const about = JSON.parse(readFileSync(join(root, path, 'fixture.json'), 'utf8'))
  expect(`sha256:${hash.digest('hex')}`, 'after a change of the recipe: node scripts/fixtures.ts').toBe(about.hash)
})

test('every fixture can be read, and expects something of each of its events', async () => {
  for (const folder of await findFixtures(root)) {
    const fixture = await openFixture(folder)
    const names = new Set(await Array.fromAsync(fixture.messages(), (m) => m.attributes.event_id || m.messageId))
    const expected = new Set<string>()
    for (const lines of (await readExpected(fixture)).values()) {
      for await (const line of lines) expected.add(JSON.parse(line).event_id)
    }
    expect([...expected].sort(), folder).toEqual([...names].sort())
  }
})

test('there is a fixture for each scenario of the generator, and a dead letter of each kind', () => {
  for (const name of scenarios.keys()) expect(existsSync(join(root, 'ten-scenarios', name)), name).toBe(true)
  const letters = readFileSync(join(root, 'dirty/expected/tables/dead_letters.ndjson'), 'utf8').trim().split('\n')
  const reasons = new Set(letters.map((letter) => JSON.parse(letter).reason))
  expect(reasons.size).toBe(malformed.size)
})
