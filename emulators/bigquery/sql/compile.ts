import { quoted } from '../model/physical.ts'
import type { Column, StructField } from '../model/schema.ts'
import { rootContext, StatementContext } from './analyzer/context.ts'
import { pathOf, tableDefinition } from './analyzer/ddl.ts'
import { castTo, failure } from './analyzer/expr.ts'
import { insertedRows } from './analyzer/insert.ts'
import { emitQuery } from './analyzer/queries.ts'
import type { ResultColumn } from './analyzer/select.ts'
import type { Query, Statement } from './ast.ts'
import { invalidQuery, queryError, unsupported } from './errors.ts'
import { parseStatement } from './parser/statements.ts'
import type { CompiledStatement, CompileOptions } from './statement.ts'

/**
 * One GoogleSQL statement as DuckDB runs it. Throws INVALID_ARGUMENT in BigQuery's words for what is wrong with it,
 * UNIMPLEMENTED (`unsupported: …`) for what this front end does not have, and what the catalog throws.
 */
export function compile(sql: string, options: CompileOptions): CompiledStatement {
  const statement = parseStatement(sql)
  const { catalog } = options
  switch (statement.kind) {
    case 'query':
      return compileQuery(statement.query, options)
    case 'createTable':
      return createTable(statement, options)
    case 'dropTable':
      return { kind: 'DROP_TABLE', table: catalog.reference(pathOf(statement.path)), ifExists: statement.ifExists }
    case 'createSchema':
      return createSchema(statement)
    default:
      return insert(statement, options)
  }
}

type Node<K extends Statement['kind']> = Extract<Statement, { kind: K }>

function createTable(node: Node<'createTable'>, options: CompileOptions): CompiledStatement {
  const { orReplace, ifNotExists } = node
  if (orReplace && ifNotExists) throw queryError('CREATE TABLE cannot have both OR REPLACE and IF NOT EXISTS', node.at)
  const reference = options.catalog.reference(pathOf(node.path))
  if (!node.query) return { kind: 'CREATE_TABLE', table: tableDefinition(node, reference), ifNotExists, orReplace }
  const query = compileQuery(node.query, options, 'CREATE TABLE AS SELECT')
  const table = tableDefinition(node, reference, query.columns.map(inferredColumn))
  return { kind: 'CREATE_TABLE_AS_SELECT', table, ifNotExists, orReplace, query }
}

/** The column that a query's result makes in a table of its own. */
function inferredColumn({ name, type }: StructField): Column {
  const element = type.kind === 'ARRAY' ? type.element : type
  if (element.kind === 'ARRAY') throw unsupported('a table column of nested arrays')
  const mode = type.kind === 'ARRAY' ? 'REPEATED' : 'NULLABLE'
  if (element.kind !== 'STRUCT') return { name, type: element.kind, mode }
  if (element.fields.some((f) => !f.name))
    throw invalidQuery('CREATE TABLE columns must be named, but a STRUCT field has no name')
  return { name, type: 'STRUCT', mode, fields: element.fields.map(inferredColumn) }
}

function insert(node: Node<'insert'>, options: CompileOptions): CompiledStatement {
  const context = new StatementContext(options)
  const path = pathOf(node.path)
  const { sql, columns } = insertedRows(node, options.catalog.relation(path).columns, context)
  const query: Selected = { kind: 'SELECT', sql, values: context.values, columns, tables: [...context.tables.values()] }
  return { kind: 'INSERT', table: options.catalog.reference(path), columns: columns.map((c) => c.name), query }
}

function createSchema({ path, ifNotExists, options, at }: Node<'createSchema'>): CompiledStatement {
  if (options.length > 0) throw unsupported(`the option ${options[0]!.name.text} of CREATE SCHEMA`, options[0]!.name.at)
  const [datasetId, projectId] = pathOf(path).toReversed()
  if (path.length > 2) throw queryError(`Invalid dataset name: ${pathOf(path).join('.')}`, at)
  return { kind: 'CREATE_SCHEMA', datasetId: datasetId!, ...(projectId && { projectId }), ifNotExists }
}

type Selected = Extract<CompiledStatement, { kind: 'SELECT' }>

function compileQuery(query: Query, options: CompileOptions, unnamed?: string): Selected {
  const context = new StatementContext(options)
  let columns: StructField[] = []
  const plan = emitQuery(query, rootContext(context), (results) => {
    const names = outputNames(results, unnamed !== undefined || options.destination === true)
    const anonymous = unnamed === undefined ? -1 : results.findIndex((c) => !c.name)
    if (anonymous >= 0) throw invalidQuery(`${unnamed} columns must be named, but column ${anonymous + 1} has no name`)
    columns = results.map(({ type }, i) => ({ name: names[i]!, type }))
    return results.map((column, i) => `${outputValue(column, `c${i}`)} AS ${quoted(names[i]!)}`)
  })
  return { kind: 'SELECT', sql: plan.sql, values: context.values, columns, tables: [...context.tables.values()] }
}

/**
 * Columns without a name are f0_, f1_ … in the result. A second `x` is `x_1` there, unless the result is to become a
 * table: then two of one name are an error.
 */
function outputNames(columns: readonly ResultColumn[], destination: boolean): string[] {
  let anonymous = 0
  const wanted = columns.map(({ name }) => name || `f${anonymous++}_`)
  const taken = new Set(wanted.map((name) => name.toLowerCase()))
  const given = new Set<string>()
  const duplicates = new Set<string>()
  const names = wanted.map((name) => {
    let free = name
    if (given.has(name.toLowerCase())) {
      duplicates.add(name)
      for (let i = 1; taken.has(free.toLowerCase()) || given.has(free.toLowerCase()); i++) free = `${name}_${i}`
    }
    given.add(free.toLowerCase())
    return free
  })
  if (!destination || duplicates.size === 0) return names
  throw invalidQuery(
    `Duplicate column names in the result are not supported when a destination table is present. Found duplicate(s): ${[...duplicates].join(', ')}`,
  )
}

/** A result's array may not hold NULL (Data types, "NULLs and the ARRAY type"), though an array within a query may. */
function outputValue({ name, type }: ResultColumn, sql: string): string {
  if (type.kind !== 'ARRAY') return sql
  const message = `Array cannot have a null element; error in writing field ${name}`.replaceAll("'", "''")
  return `CASE WHEN len(${sql}) > list_aggregate(${sql}, 'count') THEN ${failure(`'${message}'`, type)} ELSE ${castTo(sql, type)} END`
}
