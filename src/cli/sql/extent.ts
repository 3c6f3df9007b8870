import { events } from '../../catalogue/index.ts'
import { type Extent, wholeMinutes } from '../../outputs/index.ts'
import type { Settings } from '../../settings.ts'
import { UserError } from '../user-error.ts'
import type { ExtentOptions } from './extent-options.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** How much is looked at where it may be a lot and nobody said how much. */
const DEFAULT_MS = HOUR_MS

/** What the options mean. Where others than we may have written for years, it is an hour unless they say otherwise. */
export function extentOf(
  { from, to, all, types, folder }: ExtentOptions,
  { backend }: Pick<Settings, 'backend'>,
  now: number,
): { readonly extent: Extent; readonly isDefault: boolean } {
  if (all && (from !== undefined || to !== undefined))
    throw new UserError('--all means all times: leave out --from and --to.')
  const end = to === undefined ? undefined : timeOf(to, { option: '--to', now }).end
  const isDefault = from === undefined && !all && folder === undefined && backend !== 'embedded'
  const start =
    from !== undefined
      ? timeOf(from, { option: '--from', now }).start
      : isDefault
        ? (end ?? now) - DEFAULT_MS
        : undefined
  if (start !== undefined && end !== undefined && start >= end) throw new UserError('--from must be before --to.')
  const extent = wholeMinutes({
    ...(start !== undefined && { from: start }),
    ...(end !== undefined && { to: end }),
    ...(types !== undefined && { types: knownTypes(types) }),
  })
  return { extent, isDefault }
}

function knownTypes(list: string): string[] {
  const types = list.split(',').map((type) => type.trim())
  const unknown = types.find((type) => !events.has(type))
  if (unknown === undefined) return types
  throw new UserError(
    `--types: there is no type ${unknown || '""'}; the catalogue has ${[...events.keys()].join(', ')}.`,
  )
}

const UNITS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS }

/** An instant, or the day that is meant, in milliseconds since the epoch. */
function timeOf(text: string, { option, now }: { option: string; now: number }): { start: number; end: number } {
  const [, amount, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? []
  if (unit !== undefined) return instant(now - Number(amount) * UNITS[unit]!)
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text)
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)
  const time = isDay || isTime ? Date.parse(text) : Number.NaN
  const isReal = !Number.isNaN(time) && (!isDay || new Date(time).toISOString().startsWith(text))
  if (isReal) return isDay ? { start: time, end: time + DAY_MS } : instant(time)
  throw new UserError(`${option} ${text}: that is no time; say 2024-01-15, 2024-01-15T10:30Z, or 2h for two hours ago.`)
}

const instant = (time: number) => ({ start: time, end: time })

/** `events from 2026-03-01T12:00Z on`, for a person. */
export function extentInWords({ from, to, types }: Extent): string {
  const what = types ? `${types.join(', ')} events` : 'events'
  if (from === undefined && to === undefined) return `all ${what}`
  const at = (time: number) => `${new Date(time).toISOString().slice(0, 16)}Z`
  if (to === undefined) return `${what} from ${at(from!)} on`
  return from === undefined ? `${what} before ${at(to)}` : `${what} from ${at(from)} to ${at(to)}`
}
