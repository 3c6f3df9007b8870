import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { systemClock } from '../../../clock/index.ts'
import { connect } from '../../clients.ts'
import { type Collected, collectOutputs, type Extent } from '../../outputs/index.ts'
import { parseSettings, type Settings } from '../../settings.ts'
import { count, counted } from '../../text.ts'
import { chosenBackend } from '../chosen-backend.ts'
import { reaching } from '../reachable.ts'
import { UserError } from '../user-error.ts'
import { extentInWords, extentOf } from './extent.ts'
import type { ExtentOptions } from './extent-options.ts'
import { ProgressLine } from './progress.ts'

/** Outputs in a folder. */
export interface Gathered {
  readonly folder: string
  readonly extent: Extent
  /** Where they are from, which part of them it is, and how much. */
  readonly about: string
  /** Whether it is a part because nobody said how much. */
  readonly isDefault: boolean
}

/**
 * Collects what the options mean into an empty folder, unless they name one, and shows how far it is. Throws a UserError
 * when nothing answers.
 */
export async function gather(options: ExtentOptions, folder: string): Promise<Gathered> {
  if (options.folder !== undefined) return keptFolder(options.folder, options)
  const settings = await chosenBackend()
  const { extent, isDefault } = extentOf(options, settings, systemClock.now())
  await reaching(settings, ({ bigquery }) => bigquery.dataset(settings.resources.dataset).exists())
  await using clients = connect(settings)
  let so: Collected = { files: 0, rows: 0, bytesProcessed: 0 }
  using _progress = new ProgressLine(process.stderr, () => `collecting: ${inFigures(so)}`)
  const collected = await collectOutputs({
    clients,
    settings,
    folder,
    extent,
    onProgress(now) {
      so = now
    },
  })
  const about = `${placeInWords(settings)}: ${extentInWords(extent)}; ${inFigures(collected)}`
  return { folder, extent, isDefault, about }
}

function keptFolder(path: string, options: ExtentOptions): Gathered {
  const folder = resolve(path)
  if (!existsSync(join(folder, 'tables'))) {
    throw new UserError(`--folder ${path}: it has no folder \`tables\`, as \`sluice e2e --keep\` leaves one.`)
  }
  const { extent, isDefault } = extentOf(options, parseSettings(), systemClock.now())
  const about = `${path}: ${extentInWords(extent)}`
  return { folder, extent, isDefault, about }
}

const placeInWords = ({ backend, projectId, environment, endpoints }: Settings) =>
  endpoints ? `${environment} on ${backend} (${endpoints.bigquery})` : `${environment} on Google Cloud (${projectId})`

const inFigures = ({ files, rows, bytesProcessed }: Collected) =>
  [
    counted(rows, 'row'),
    counted(files, 'raw file'),
    ...(bytesProcessed > 0 ? [`BigQuery processed ${bytes(bytesProcessed)}`] : []),
  ].join(', ')

function bytes(n: number): string {
  const unit = ['bytes', 'kB', 'MB', 'GB', 'TB'].find((_, i) => n < 1000 ** (i + 1)) ?? 'PB'
  const power = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'].indexOf(unit)
  return `${power === 0 ? count(n) : (n / 1000 ** power).toFixed(1)} ${unit}`
}
