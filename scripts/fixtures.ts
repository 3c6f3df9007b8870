import { existsSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { toLine, writeAbout, writeLines } from '../src/recording/index.ts'
import { dirty, duplicates, manyEvents, scenarioRecipes } from './fixtures/generated.ts'
import { aboutOf, type Recipe } from './fixtures/recipe.ts'
import { evolution, extremes, late } from './fixtures/written.ts'

/**
 * Writes the messages of the fixtures that are made rather than recorded, the same bytes each time:
 *
 *   node scripts/fixtures.ts                        all of those in fixtures/
 *   node scripts/fixtures.ts --events 100000 DIR    a large one, in DIR/many-events
 *
 * What the pipeline must make of them is for `sluice replay --update` to write.
 */

export const recipes: readonly Recipe[] = [...scenarioRecipes, dirty, duplicates, late, extremes, ...evolution]

export async function writeRecipe(recipe: Recipe, root: string): Promise<void> {
  const folder = join(root, recipe.path)
  await mkdir(folder, { recursive: true })
  const description = join(folder, 'fixture.json')
  const expected = existsSync(description) ? JSON.parse(await readFile(description, 'utf8')).counts.expected : undefined
  const file = join(folder, `messages.ndjson${recipe.compressed ? '.gz' : ''}`)
  await rm(file, { force: true })
  const about = aboutOf(recipe, await writeLines(file, Iterator.from(recipe.messages()).map(toLine)))
  await writeAbout(folder, { ...about, counts: { ...about.counts, ...(expected && { expected }) } })
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ options: { events: { type: 'string' } }, allowPositionals: true })
  if (values.events === undefined) {
    for (const recipe of recipes) await writeRecipe(recipe, join(import.meta.dirname, '../fixtures'))
  } else {
    const [folder] = positionals
    const count = Number(values.events)
    if (folder === undefined || !(Number.isSafeInteger(count) && count > 0)) {
      throw new Error('Usage: node scripts/fixtures.ts --events COUNT DIR')
    }
    await writeRecipe(manyEvents(count), folder)
  }
}
