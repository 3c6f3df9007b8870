import { enableCompileCache } from 'node:module'
import { Command, CommanderError } from 'commander'
import { beamBoot } from './commands/beam-boot.ts'
import { beamWorker } from './commands/beam-worker.ts'
import { dev } from './commands/dev.ts'
import { doctor } from './commands/doctor.ts'
import { down } from './commands/down.ts'
import { e2e } from './commands/e2e.ts'
import { emulators } from './commands/emulators.ts'
import { generator } from './commands/generator.ts'
import { pipeline } from './commands/pipeline.ts'
import { provision } from './commands/provision.ts'
import { reconcile } from './commands/reconcile.ts'
import { record } from './commands/record.ts'
import { replay } from './commands/replay.ts'
import { sql } from './commands/sql.ts'
import { tableManager } from './commands/table-manager.ts'
import { tables } from './commands/tables.ts'
import { up } from './commands/up.ts'
import { VERSION } from './itself.ts'

// In the temporary folder: from the second start on, what a command loads need not be compiled again.
enableCompileCache()

/** By name: their classes lie in modules that only the command that needs them loads. */
const MISTAKES = new Set([
  'SettingsError',
  'CredentialsError',
  'DataflowError',
  'FixtureError',
  'QueryError',
  'UserError',
])

/** gRPC's PERMISSION_DENIED and UNAUTHENTICATED, and HTTP's. */
const REFUSALS = new Set<unknown>([7, 16, 401, 403])

const program = new Command('sluice')
  .description('Run, test and compare a Pub/Sub → Beam → BigQuery + Cloud Storage pipeline, offline.')
  .version(VERSION)
  .showHelpAfterError('(add --help for what the command takes)')
  .exitOverride()

for (const make of [
  dev,
  doctor,
  down,
  e2e,
  emulators,
  generator,
  pipeline,
  provision,
  reconcile,
  record,
  replay,
  sql,
  tableManager,
  tables,
  up,
]) {
  program.addCommand(make().copyInheritedSettings(program))
}
for (const make of [beamBoot, beamWorker]) {
  program.addCommand(make().copyInheritedSettings(program), { hidden: true })
}

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) console.error(explain(error))
  process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2
}
// A client may keep a socket open that nobody needs any more.
process.exit()

/** A mistake of the user's is a sentence; anything else is a bug, and its stack helps to find it. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    return `sluice: port ${error.port} is taken: end what listens there, or choose another port (see --help).`
  }
  if ('code' in error && REFUSALS.has(error.code)) {
    return `sluice: Google Cloud refuses: ${error.message}\nsluice: \`sluice doctor\` says what is missing.`
  }
  return MISTAKES.has(error.name) ? `sluice: ${error.message}` : (error.stack ?? error.message)
}
