/** `npm run bench <name>`: runs one of the benchmarks in this folder. */
import { readdirSync } from 'node:fs'

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && !['emulators.ts', 'main.ts', 'report.ts'].includes(file))
  .map((file) => file.replace(/\.ts$/, ''))
const [name = '', ...options] = process.argv.slice(2)
if (!names.includes(name) || options.includes('--help')) {
  console.error(`npm run bench <name>, which takes some minutes; the names are: ${names.join(', ')}.`)
  process.exit(options.includes('--help') ? 0 : 2)
}
const { run }: { run: (options: readonly string[]) => Promise<void> } = await import(`./${name}.ts`)
await run(options)
process.exit()
