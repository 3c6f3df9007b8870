import { connectOnce } from '../../clients.ts'
import { parseSettings, type SettingInForce, settingsInForce } from '../../settings.ts'
import { bucket } from './bucket.ts'
import { type Group, type Result, runChecks } from './check.ts'
import { compose } from './compose.ts'
import { credentials } from './credentials.ts'
import { endpoints } from './endpoints.ts'
import { settingsGroup } from './in-force.ts'
import type { Patient } from './patient.ts'
import { permissions } from './permissions.ts'
import { Progress, type Terminal } from './progress.ts'
import { isWell, report } from './report.ts'
import { subscriptions } from './subscriptions.ts'
import { tables } from './tables.ts'
import { topics } from './topics.ts'
import { versions } from './versions.ts'

export interface DoctorOptions {
  readonly json?: true
}

/** Longer than any client takes to find out that nobody answers, shorter than anybody's patience. */
const LIMIT_MS = 10_000

/** Throws a SettingsError when it is not even clear what to look at. */
export async function run({ json }: DoctorOptions): Promise<void> {
  const settings = parseSettings()
  await using clients = connectOnce(settings)
  const results = await examine({ settings, clients }, settingsInForce(settings), process.stderr)
  const well = isWell(results)
  if (json) console.log(JSON.stringify({ backend: settings.backend, well, findings: results }, null, 2))
  else console.log(report(results))
  process.exitCode = well ? 0 : 1
}

/** Runs all checks of the backend; on a terminal it says what it waits for. */
export async function examine(
  patient: Patient,
  inForce: readonly SettingInForce[],
  terminal: Terminal,
): Promise<Result[]> {
  using progress = new Progress(terminal)
  return await runChecks(groupsOf(patient, inForce), {
    limitMs: LIMIT_MS,
    onStart: (name) => progress.start(name),
    onEnd: (name) => progress.end(name),
  })
}

const groupsOf = (patient: Patient, inForce: readonly SettingInForce[]): Group[] => [
  versions(),
  settingsGroup(inForce),
  ...(patient.settings.backend === 'docker' ? [compose()] : []),
  credentials(patient),
  endpoints(patient),
  topics(patient),
  subscriptions(patient),
  bucket(patient),
  tables(patient),
  permissions(patient),
]
