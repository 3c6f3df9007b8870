import type { Column } from '../catalogue/index.ts'

/** A TableFieldSchema. It may have more than is named here (policy tags, a default value): a plan keeps all of it. */
export interface LiveField {
  readonly name?: string
  readonly type?: string
  readonly mode?: string
  readonly description?: string
  readonly maxLength?: string
  readonly precision?: string
  readonly scale?: string
  readonly fields?: readonly LiveField[]
}

/** One thing that a plan does to a live table; `column` is a path such as `items.price`, and '' the table itself. */
export interface Change {
  readonly column: string
  readonly kind: 'add' | 'relax' | 'describe' | 'label' | 'keep longer'
}

/** Why a live table cannot become what its definition says. */
export interface Difference {
  /** A path such as `items.price`, or '' when the table itself is at fault. */
  readonly column: string
  readonly rule:
    | 'type'
    | 'mode'
    | 'required column'
    | 'partitioning'
    | 'partition expiration'
    | 'clustering'
    | 'table type'
    | 'refused by BigQuery'
  /** Names the column, what it is, what it should be, and the rule. */
  readonly message: string
}

export interface Evolution {
  /** The live columns in their order, changed where they may be, and the new ones after them. */
  readonly fields: readonly LiveField[]
  readonly changes: readonly Change[]
  readonly differences: readonly Difference[]
  readonly extraColumns: readonly string[]
}

/** Brings the columns of a table, or of a record, to what is wanted. `parent` is the path of the record. */
export function evolve(live: readonly LiveField[], wanted: readonly Column[], parent = ''): Evolution {
  const found = live.map((field) => {
    const column = wanted.find(({ name }) => sameName(name, field.name ?? ''))
    return column ? evolveColumn(field, column, parent) : leaveAlone(field, parent)
  })
  const missing = wanted.filter(({ name }) => !live.some((field) => sameName(name, field.name ?? '')))
  return merge([...found, ...missing.map((column) => append(column, parent))])
}

const merge = (parts: readonly Evolution[]): Evolution => ({
  fields: parts.flatMap(({ fields }) => fields),
  changes: parts.flatMap(({ changes }) => changes),
  differences: parts.flatMap(({ differences }) => differences),
  extraColumns: parts.flatMap(({ extraColumns }) => extraColumns),
})

const unchanged = (field: LiveField): Evolution => ({ fields: [field], changes: [], differences: [], extraColumns: [] })
const path = (parent: string, name = '') => (parent ? `${parent}.${name}` : name)

/** A new record may have REQUIRED fields inside, but no new column may be REQUIRED itself. */
function append(column: Column, parent: string): Evolution {
  const at = path(parent, column.name)
  if (column.mode !== 'REQUIRED') {
    return { ...unchanged(liveField(column)), changes: [{ column: at, kind: 'add' }] }
  }
  const message = `${at} is not in the table and is REQUIRED in its definition: BigQuery adds only NULLABLE and REPEATED columns to a table. Make the field optional.`
  return { ...unchanged({}), differences: [{ column: at, rule: 'required column', message }] }
}

/** A column that no definition names is never dropped. */
function leaveAlone(field: LiveField, parent: string): Evolution {
  const at = path(parent, field.name)
  if (modeOf(field) !== 'REQUIRED') return { ...unchanged(field), extraColumns: [at] }
  return {
    ...unchanged({ ...field, mode: 'NULLABLE' }),
    changes: [{ column: at, kind: 'relax' }],
    extraColumns: [at],
  }
}

function evolveColumn(field: LiveField, column: Column, parent: string): Evolution {
  const at = path(parent, field.name)
  const difference = typeDifference(field, column, at) ?? modeDifference(field, column, at)
  if (difference) return { ...unchanged(field), differences: [difference] }
  const inside = column.fields ? evolve(field.fields ?? [], column.fields, at) : undefined
  const relax = modeOf(field) === 'REQUIRED' && column.mode === 'NULLABLE'
  const describe = column.description !== undefined && column.description !== (field.description ?? '')
  return {
    fields: [
      {
        ...field,
        ...(relax && { mode: 'NULLABLE' }),
        ...(describe && { description: column.description }),
        ...(inside && { fields: inside.fields }),
      },
    ],
    changes: [
      ...(relax ? [{ column: at, kind: 'relax' } as const] : []),
      ...(describe ? [{ column: at, kind: 'describe' } as const] : []),
      ...(inside?.changes ?? []),
    ],
    differences: inside?.differences ?? [],
    extraColumns: inside?.extraColumns ?? [],
  }
}

function typeDifference(field: LiveField, column: Column, at: string): Difference | undefined {
  const [is, should] = [typeName(field), typeName(column)]
  if (is === should) return undefined
  const message = `${at} is ${is} in the table and ${should} in its definition: BigQuery cannot change the type of a column in place.`
  return { column: at, rule: 'type', message }
}

function modeDifference(field: LiveField, column: Column, at: string): Difference | undefined {
  const is = modeOf(field)
  if (is === column.mode || (is === 'REQUIRED' && column.mode === 'NULLABLE')) return undefined
  const message = `${at} is ${is} in the table and ${column.mode} in its definition: BigQuery changes a mode only from REQUIRED to NULLABLE.`
  return { column: at, rule: 'mode', message }
}

const modeOf = ({ mode }: LiveField) => (mode || 'NULLABLE').toUpperCase()

/** The standard names, for the older ones that the REST API also gives (TableFieldSchema.type). */
const STANDARD_NAMES: Readonly<Record<string, string>> = {
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
  RECORD: 'STRUCT',
  DECIMAL: 'NUMERIC',
  BIGDECIMAL: 'BIGNUMERIC',
}

/** With its parameters, such as STRING(10): they narrow what the column takes. */
function typeName({ type = '', maxLength, precision, scale }: LiveField): string {
  const name = STANDARD_NAMES[type.toUpperCase()] ?? type.toUpperCase()
  const parameters = [maxLength, precision, scale].filter((parameter) => parameter !== undefined && parameter !== '0')
  return parameters.length > 0 ? `${name}(${parameters.join(', ')})` : name
}

/** BigQuery's names of columns do not depend on case (…/docs/schemas#column_names). */
export const sameName = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

/** A column in the form that `tables.insert` and `tables.patch` take. */
export const liveField = ({ name, type, mode, description, fields }: Column): LiveField => ({
  name,
  type,
  mode,
  ...(description !== undefined && { description }),
  ...(fields && { fields: fields.map(liveField) }),
})
