import { castTo, runtime } from '../analyzer/expr.ts'
import { checkedDate, checkedTimestamp } from '../analyzer/ranges.ts'
import { scalar } from '../analyzer/types.ts'
import { unsupported } from '../errors.ts'
import { unknownElement } from '../runtime/strftime.ts'
import { unparsable } from '../runtime/strptime.ts'
import { flooredTo, timeMicros } from './parts.ts'
import { type EmitInfo, fn } from './signature.ts'
import { instantOf, localTime, zoneSql } from './zones.ts'

type Kind = 'DATE' | 'TIME' | 'DATETIME' | 'TIMESTAMP'
const as = (kind: Kind, sql: string) => castTo(sql, scalar(kind))

/** Formats are nearly always written out: only then is it known that each element of one is understood. */
function knownFormat(info: EmitInfo, what: string, unknown: (format: string) => string | undefined): void {
  const format = info.args[0]!.constant
  if (format === undefined) throw unsupported(`${what} with a computed format`, info.at)
  const element = unknown(format)
  if (element !== undefined) throw unsupported(`${what} with the format element ${element}`, info.at)
}

const format = (kind: Kind) =>
  fn(`FORMAT_${kind}(STRING, ${kind}${kind === 'TIMESTAMP' ? ', [STRING]' : ''}) -> STRING`, ([text, value], info) => {
    knownFormat(info, `FORMAT_${kind}`, (f) => unknownElement(f, kind))
    if (kind === 'TIMESTAMP') return runtime('format_timestamp', text!, `epoch_us(${value})`, zoneSql(info.args[2]))
    return runtime('format_local', text!, kind === 'TIME' ? timeMicros(value!) : `epoch_us(${value})`)
  })

const parse = (kind: Kind) =>
  fn(`PARSE_${kind}(STRING, STRING${kind === 'TIMESTAMP' ? ', [STRING]' : ''}) -> ${kind}`, (args, info) => {
    knownFormat(info, `PARSE_${kind}`, (f) => unparsable(f, kind))
    const zone = kind === 'TIMESTAMP' ? [zoneSql(info.args[2])] : []
    return as(kind, runtime(`parse_${kind.toLowerCase()}`, args[0]!, args[1]!, ...zone))
  })

const instant = (micros: string) => checkedTimestamp(`make_timestamptz(${micros})`)
const unix = (unit: bigint) => (args: readonly string[]) => flooredTo(`epoch_us(${args[0]})`, unit)
const clock = (args: readonly string[]) => `CAST(${runtime('time_of_parts', ...args)} AS TIME)`
const day = (args: readonly string[]) => `CAST(${runtime('date_of_parts', ...args)} AS DATE)`

export const times = [
  fn('DATE(INT64, INT64, INT64) -> DATE', day),
  fn('DATE(DATE) -> DATE', ([v]) => v!),
  fn('DATE(DATETIME) -> DATE', ([v]) => as('DATE', v!)),
  fn('DATE(TIMESTAMP, [STRING]) -> DATE', ([v], info) => as('DATE', localTime(v!, info.args[1]))),
  fn('TIME(INT64, INT64, INT64) -> TIME', clock),
  fn('TIME(TIMESTAMP, [STRING]) -> TIME', ([v], info) => as('TIME', localTime(v!, info.args[1]))),
  fn('TIME(DATETIME) -> TIME', ([v]) => as('TIME', v!)),
  fn(
    'DATETIME(INT64, INT64, INT64, INT64, INT64, INT64) -> DATETIME',
    (a) => `(${day(a.slice(0, 3))} + ${clock(a.slice(3))})`,
  ),
  fn('DATETIME(DATETIME) -> DATETIME', ([v]) => v!),
  fn('DATETIME(DATE, TIME) -> DATETIME', ([d, t]) => `(${d} + ${t})`),
  fn('DATETIME(TIMESTAMP, [STRING]) -> DATETIME', ([v], info) => localTime(v!, info.args[1])),
  fn('TIMESTAMP(STRING, [STRING]) -> TIMESTAMP', ([v], info) =>
    as('TIMESTAMP', runtime('timestamp', v!, zoneSql(info.args[1]))),
  ),
  fn('TIMESTAMP(DATE, [STRING]) -> TIMESTAMP', ([v], info) => instantOf(as('DATETIME', v!), info.args[1])),
  fn('TIMESTAMP(DATETIME, [STRING]) -> TIMESTAMP', ([v], info) => instantOf(v!, info.args[1])),
  fn('TIMESTAMP(TIMESTAMP) -> TIMESTAMP', ([v]) => v!),
  fn('STRING(TIMESTAMP, [STRING]) -> STRING', ([v], info) =>
    runtime('timestamp_text', `epoch_us(${v})`, zoneSql(info.args[1])),
  ),
  fn('STRING(DATE) -> STRING', ([v]) => castTo(v!, scalar('STRING'))),
  fn('STRING(DATETIME) -> STRING', ([v]) => runtime('datetime_text', `epoch_us(${v})`)),
  fn('STRING(TIME) -> STRING', ([v]) => runtime('time_text', timeMicros(v!))),
  fn('UNIX_SECONDS(TIMESTAMP) -> INT64', unix(1_000_000n)),
  fn('UNIX_MILLIS(TIMESTAMP) -> INT64', unix(1000n)),
  fn('UNIX_MICROS(TIMESTAMP) -> INT64', ([v]) => `epoch_us(${v})`),
  fn('UNIX_DATE(DATE) -> INT64', ([v]) => `CAST(${v} - DATE '1970-01-01' AS BIGINT)`),
  fn('DATE_FROM_UNIX_DATE(INT64) -> DATE', ([v]) => checkedDate(`(DATE '1970-01-01' + CAST(${v} AS INTEGER))`)),
  fn('TIMESTAMP_SECONDS(INT64) -> TIMESTAMP', ([v]) => instant(`${v} * 1000000`)),
  fn('TIMESTAMP_MILLIS(INT64) -> TIMESTAMP', ([v]) => instant(`${v} * 1000`)),
  fn('TIMESTAMP_MICROS(INT64) -> TIMESTAMP', ([v]) => instant(v!)),
  fn('TIMESTAMP_FROM_UNIX_SECONDS(INT64) -> TIMESTAMP', ([v]) => instant(`${v} * 1000000`)),
  fn('TIMESTAMP_FROM_UNIX_MILLIS(INT64) -> TIMESTAMP', ([v]) => instant(`${v} * 1000`)),
  fn('TIMESTAMP_FROM_UNIX_MICROS(INT64) -> TIMESTAMP', ([v]) => instant(v!)),
  ...(['DATE', 'TIME', 'DATETIME', 'TIMESTAMP'] as const).flatMap((kind) => [format(kind), parse(kind)]),
]
