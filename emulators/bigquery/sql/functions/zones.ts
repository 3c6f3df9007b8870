import { attempt } from '../analyzer/coercion.ts'
import { bind, castTo, type Expr, runtime } from '../analyzer/expr.ts'
import { scalar } from '../analyzer/types.ts'
import { invalidQuery } from '../errors.ts'
import { checkZone, fixedOffset } from '../runtime/zones.ts'

/** What a time zone argument says, checked; '' when only the rows know. */
function zoneName(zone: Expr | undefined): string {
  if (!zone) return 'UTC'
  const { constant } = zone
  if (constant === undefined) return ''
  const valid = attempt(() => {
    checkZone(constant)
    return constant
  })
  if (valid === undefined) throw invalidQuery(`Invalid time zone: ${constant}`)
  return fixedOffset(constant) === undefined ? constant : ''
}

/** A TIMESTAMP as the DATETIME that clocks of a zone show. DuckDB knows the named zones, the runtime all. */
export function localTime(sql: string, zone: Expr | undefined): string {
  const name = zoneName(zone)
  if (name === 'UTC') return castTo(sql, scalar('DATETIME'))
  if (name) return `(${sql} AT TIME ZONE '${name}')`
  return bind(
    [sql, zone!.sql],
    (v, z) => `make_timestamp(epoch_us(${v}) + ${runtime('zone_offset', `epoch_us(${v})`, z)} * 1000000)`,
  )
}

/** The TIMESTAMP at which clocks of a zone show a DATETIME. */
export function instantOf(sql: string, zone: Expr | undefined): string {
  if (zoneName(zone) === 'UTC') return castTo(sql, scalar('TIMESTAMP'))
  return `make_timestamptz(${runtime('to_instant', `epoch_us(${sql})`, zone!.sql)})`
}

export const zoneSql = (zone: Expr | undefined): string => {
  zoneName(zone)
  return zone?.sql ?? "'UTC'"
}
