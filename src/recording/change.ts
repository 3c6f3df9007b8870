/** What has happened to one value, in words that can be the same for many; undefined where there are none. */
export function changeOf(expected: unknown, actual: unknown): string | undefined {
  if (actual === undefined) return 'is gone'
  if (expected === undefined) return 'is new'
  if (typeof expected !== typeof actual) return undefined
  const [before, after] = [String(expected), String(actual)]
  const [from, to] = [instantOf(before), instantOf(after)]
  if (from !== undefined && to !== undefined) return durationText(to - from)
  return DECIMAL.test(before) && DECIMAL.test(after) ? difference(before, after) : undefined
}

const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?$/

/** Raw files are named for their minute. */
const MINUTE = /_(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)\*\.json$/

const instantOf = (text: string) => {
  const instant = INSTANT.test(text) ? text : MINUTE.exec(text)?.slice(1).join('-')
  const time = Date.parse(instant?.replace(/^(\d+-\d+-\d+)-(\d+)-(\d+)$/, '$1T$2:$3Z') ?? '')
  return Number.isNaN(time) ? undefined : time
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const

/** `+1 h`, `-90 min`: in the largest unit that it is a whole number of. */
function durationText(ms: number): string | undefined {
  const [unit, size] = UNITS.find(([, length]) => ms % length === 0) ?? ['ms', 1]
  return ms === 0 ? undefined : `${ms > 0 ? '+' : ''}${ms / size} ${unit}`
}

const DECIMAL = /^-?\d{1,15}(\.\d{1,9})?$/

function difference(before: string, after: string): string {
  const delta = Number((Number(after) - Number(before)).toFixed(9))
  return `${delta > 0 ? '+' : ''}${delta}`
}
