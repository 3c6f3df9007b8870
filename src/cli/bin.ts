#!/usr/bin/env node
import { OLDEST_NODE } from './oldest-node.ts'

// An older Node cannot even read the rest, so it is loaded afterwards.
if (Number(process.versions.node.split('.')[0]) >= OLDEST_NODE) await import('./main.ts')
else {
  console.error(
    `sluice: Node ${OLDEST_NODE} or later is needed, and this is ${process.version}. On Linux, npm installs one beside \
sluice, and \`npx sluice\` takes it. Elsewhere: https://nodejs.org/`,
  )
  process.exitCode = 2
}
