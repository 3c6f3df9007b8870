/** `npm run test:chaos -- [first seed] [how many]`: storms one after the other, each told in a line; exit code 1 for a loss. */
import { cpus, release, type } from 'node:os'
import { isReconciled } from '../../src/outputs/index.ts'
import { storm } from './storm.ts'

const [first = 1, count = 50] = process.argv.slice(2).map(Number)
const [cpu] = cpus()
console.log(
  `${new Date().toISOString()}, Node ${process.version}, ${cpus().length} × ${cpu?.model}, ${type()} ${release()}`,
)
let failed = 0
for (let seed = first; seed < first + count; seed++) {
  const { plan, reconciliation, faults, kills, ends, seconds } = await storm(seed)
  const { missing, duplicated, unexpected, differing, strangeFiles } = reconciliation
  const isGood = isReconciled(reconciliation) && ends.every((end) => end === 0)
  if (!isGood) failed++
  const figures = { missing, duplicated, unexpected, differing, strangeFiles }
  console.log(
    [
      `${isGood ? '✔' : '✖'} seed ${seed}:`,
      ...Object.entries(figures).map(([name, { length }]) => `${name} ${length},`),
      `${plan.pipelines} pipelines, ${kills} killed, ${faults} calls failed, without ${plan.missing} at first,`,
      `delivered ${plan.exactlyOnce ? 'exactly' : 'at least'} once,`,
      `ended with ${ends.join(' and ')}, ${seconds.toFixed(1)} s`,
    ].join(' '),
  )
  if (!isGood) console.log(JSON.stringify({ missing: missing.slice(0, 5), duplicated: duplicated.slice(0, 5) }))
}
console.log(`${count - failed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
