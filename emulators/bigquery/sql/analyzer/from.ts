import { quoted } from '../../model/physical.ts'
import type { SqlType } from '../../model/schema.ts'
import type { Expression, FromItem, Name } from '../ast.ts'
import { queryError, syntaxError, unsupported } from '../errors.ts'
import { coerce, fieldText } from './coercion.ts'
import type { Context } from './context.ts'
import { analyze, condition } from './expressions.ts'
import { compare } from './operators.ts'
import { emitQuery, resultColumns } from './queries.ts'
import { lookUp, type Namespace, type Range, type ScopeColumn } from './scope.ts'
import { arrayOf, INT64, typeName } from './types.ts'

/** A FROM clause: its text for DuckDB, and the names that it offers. */
export interface Source {
  readonly sql: string
  readonly namespace: Namespace
}

/** `left` is what stands before in the same FROM clause: arrays may refer to it. */
export function emitFrom(item: FromItem, context: Context, left?: Namespace): Source {
  switch (item.kind) {
    case 'join':
      return emitJoin(item, context, left)
    case 'derived':
      return emitDerived(item, context)
    case 'unnest':
      return emitUnnest(item.array, item, context, left)
    default:
      return emitTable(item, context, left)
  }
}

type Item<K extends FromItem['kind']> = Extract<FromItem, { kind: K }>

function emitDerived({ query, alias }: Item<'derived'>, context: Context): Source {
  const { windows: _, aggregation: __, ...rest } = context
  const plan = emitQuery(query, rest)
  const name = context.statement.alias()
  const columns = resultColumns(plan).map((c, i) => ({ name: c.name, type: c.type, sql: `${name}.c${i}` }))
  return { sql: `(${plan.sql}) AS ${name}`, namespace: single(alias?.text ?? '', columns) }
}

const single = (name: string, columns: readonly ScopeColumn[]): Namespace => ({ ranges: [{ name, columns }], columns })

function emitTable(item: Item<'table'>, context: Context, left?: Namespace): Source {
  const { path, alias, offset, at } = item
  const [first, ...rest] = path
  const cte = rest.length === 0 ? context.ctes.get(first!.text.toLowerCase()) : undefined
  if (rest.length > 0 && isRange(first!, context, left)) {
    const root: Expression = { kind: 'identifier', name: first!.text, at: first!.at }
    const array = rest.reduce<Expression>((of, part) => ({ kind: 'field', of, name: part.text, at: first!.at }), root)
    return emitUnnest(array, { alias: alias ?? rest.at(-1)!, ...(offset && { offset }), at }, context, left)
  }
  if (offset) throw queryError('WITH OFFSET is only allowed for array scans', offset.at)
  const relation = cte ?? context.statement.table(path.map((part) => part.text))
  const name = context.statement.alias()
  const columns = relation.columns.map((c, i) => ({
    name: c.name,
    type: c.type,
    sql: cte ? `${name}.c${i}` : `${name}.${quoted(c.name)}`,
  }))
  return { sql: `${relation.sql} AS ${name}`, namespace: single(alias?.text ?? path.at(-1)!.text, columns) }
}

function isRange(name: Name, context: Context, left?: Namespace): boolean {
  const key = name.text.toLowerCase()
  for (let scope = left ? { namespace: left, parent: context.scope } : context.scope; ; ) {
    const { ranges, columns } = scope.namespace
    if (ranges.some((r) => r.name.toLowerCase() === key) || columns.some((c) => c.name.toLowerCase() === key))
      return true
    if (!scope.parent) return false
    scope = scope.parent as typeof scope
  }
}

interface Aliased {
  readonly alias?: Name
  readonly offset?: Name
  readonly at: Expression['at']
}

/** An array as a table, one row for each element, in a subquery that sees what stands before it. */
function emitUnnest(node: Expression, { alias, offset }: Aliased, context: Context, left?: Namespace): Source {
  const scope = left ? { parent: context.scope, namespace: left } : context.scope
  const { aggregation: _, windows: __, ...rest } = context
  const array = analyze(node, { ...rest, scope, clause: 'UNNEST' })
  if (array.type.kind !== 'ARRAY') {
    throw queryError(
      `Values referenced in UNNEST must be arrays. UNNEST contains expression of type ${typeName(array.type)}`,
      node.at,
    )
  }
  const { element } = array.type
  const name = context.statement.alias()
  const list = array.origin === 'EMPTY_ARRAY' ? coerce(array, arrayOf(element)).sql : array.sql
  const indexes = offset ? ', generate_subscripts(l, 1) - 1 AS o' : ''
  const sql = `LATERAL (SELECT unnest(l) AS e${indexes} FROM (SELECT ${list} AS l)) AS ${name}`
  return { sql, namespace: elements(name, alias, element, offset) }
}

function elements(name: string, alias: Name | undefined, type: SqlType, offset?: Name): Namespace {
  const element: ScopeColumn = { name: alias?.text ?? '', type, sql: `${name}.e` }
  const columns =
    type.kind === 'STRUCT'
      ? type.fields.map((f, i) => ({
          name: f.name,
          type: f.type,
          sql: `struct_extract(${name}.e, ${fieldText(f.name, i)})`,
        }))
      : [element]
  const range: Range = { name: alias?.text ?? '', columns, element }
  if (!offset) return { ranges: [range], columns }
  const index = { name: offset.text, type: INT64, sql: `${name}.o` }
  return { ranges: [range], columns: [...columns, index] }
}

/** Which sides of a join may lack a row. */
const optionalSides: Record<Item<'join'>['type'], readonly string[]> = {
  INNER: [],
  CROSS: [],
  LEFT: ['right'],
  RIGHT: ['left'],
  FULL: ['left', 'right'],
}

const optional = (source: Source, yes: boolean): Source =>
  yes
    ? {
        ...source,
        namespace: { ...source.namespace, ranges: source.namespace.ranges.map((r) => ({ ...r, optional: true })) },
      }
    : source

const merge = (a: Namespace | undefined, b: Namespace): Namespace =>
  a ? { ranges: [...a.ranges, ...b.ranges], columns: [...a.columns, ...b.columns] } : b

function emitJoin(item: Item<'join'>, context: Context, before?: Namespace): Source {
  const left = emitFrom(item.left, context, before)
  const right = emitFrom(item.right, context, merge(before, left.namespace))
  const duplicate = right.namespace.ranges.find(
    (r) => r.name && left.namespace.ranges.some((l) => l.name.toLowerCase() === r.name.toLowerCase()),
  )
  if (duplicate) throw queryError(`Duplicate table alias ${duplicate.name} in the same FROM clause`, item.right.at)
  const lateral = right.sql.startsWith('LATERAL')
  if (lateral && (item.type === 'RIGHT' || item.type === 'FULL')) {
    if (item.right.kind !== 'unnest' || !isConstant(item.right.array))
      throw queryError(`Array scan is not allowed with ${item.type} JOIN`, item.at)
  }
  if (!item.on && !item.using && item.type === 'LEFT' && !lateral) {
    throw syntaxError('LEFT JOIN must have an immediately following ON or USING clause', item.right.at)
  }
  const sides = optionalSides[item.type]
  const [l, r] = [optional(left, sides.includes('left')), optional(right, sides.includes('right'))]
  if (item.using) return usingJoin(item, l, r, item.using)
  const namespace = merge(l.namespace, r.namespace)
  if (item.type === 'CROSS' || (!item.on && item.type === 'INNER')) {
    return { sql: `(${left.sql} CROSS JOIN ${right.sql})`, namespace }
  }
  const scope = { parent: context.scope, namespace }
  const { aggregation: _, windows: __, ...rest } = context
  const on = item.on ? condition(item.on, { ...rest, scope, clause: 'JOIN ON clause' }, 'JOIN ON clause').sql : 'TRUE'
  return { sql: `(${left.sql} ${item.type} JOIN ${right.sql} ON ${on})`, namespace }
}

const isConstant = (node: Expression): boolean => node.kind === 'array' && node.items.every((i) => i.kind === 'literal')

/** USING shows each column once: the left one's value, or whichever side has a row. */
function usingJoin(item: Item<'join'>, left: Source, right: Source, using: readonly Name[]): Source {
  const pairs = using.map((name) => {
    const [l, r] = [left, right].map((side) =>
      lookUp({ namespace: { ranges: [], columns: side.namespace.columns } }, name.text, name.at),
    )
    if (!l || !r)
      throw queryError(`Column ${name.text} in USING clause not found on ${l ? 'right' : 'left'} side of join`, name.at)
    return { name, l, r, on: compare('=', l, r, name.at) }
  })
  const hidden = new Set(pairs.flatMap(({ l, r }) => [l.sql, r.sql]))
  const merged = pairs.map(({ name, l, r }) => {
    if (item.type !== 'FULL')
      return { name: name.text, type: (item.type === 'RIGHT' ? r : l).type, sql: (item.type === 'RIGHT' ? r : l).sql }
    if (l.type.kind !== r.type.kind) throw unsupported('FULL JOIN USING columns of two types', item.at)
    return { name: name.text, type: l.type, sql: `coalesce(${l.sql}, ${r.sql})` }
  })
  const others = [...left.namespace.columns, ...right.namespace.columns].filter((c) => !hidden.has(c.sql))
  const on = pairs.map((p) => p.on).join(' AND ')
  return {
    sql: `(${left.sql} ${item.type} JOIN ${right.sql} ON ${on})`,
    namespace: { ranges: [...left.namespace.ranges, ...right.namespace.ranges], columns: [...merged, ...others] },
  }
}
