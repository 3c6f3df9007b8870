import type { Position } from './errors.ts'

/** GoogleSQL as it was written: names are not resolved, types not known. Every node knows where it stands. */

export interface Name {
  readonly text: string
  readonly at: Position
}

export type TypeNode =
  | { readonly kind: 'ARRAY'; readonly element: TypeNode; readonly at: Position }
  | { readonly kind: 'STRUCT'; readonly fields: readonly { name: string; type: TypeNode }[]; readonly at: Position }
  | { readonly kind: 'NAMED'; readonly name: string; readonly parameters: readonly string[]; readonly at: Position }

export interface OrderItem {
  readonly expression: Expression
  readonly descending: boolean
  readonly nulls?: 'FIRST' | 'LAST'
}

export interface FrameBound {
  readonly kind: 'UNBOUNDED PRECEDING' | 'PRECEDING' | 'CURRENT ROW' | 'FOLLOWING' | 'UNBOUNDED FOLLOWING'
  readonly offset?: Expression
}

export interface Window {
  /** A named window that this one starts from. */
  readonly base?: Name
  readonly partitionBy: readonly Expression[]
  readonly orderBy: readonly OrderItem[]
  readonly frame?: { readonly unit: 'ROWS' | 'RANGE'; readonly from: FrameBound; readonly to: FrameBound }
  readonly at: Position
}

export interface Call {
  readonly kind: 'call'
  /** In parts, `SAFE.` taken off. */
  readonly name: readonly string[]
  readonly safe: boolean
  readonly args: readonly Expression[]
  readonly distinct: boolean
  readonly nulls?: 'IGNORE' | 'RESPECT'
  readonly having?: 'MAX' | 'MIN'
  readonly orderBy: readonly OrderItem[]
  readonly limit?: Expression
  readonly over?: Window
  readonly at: Position
}

export type Expression = { readonly at: Position } & (
  | { readonly kind: 'literal'; readonly type: 'INT64' | 'FLOAT64' | 'STRING' | 'BOOL'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'null' | 'star' | 'default' }
  /** DATE '…', NUMERIC '…', JSON '…'. */
  | { readonly kind: 'typed'; readonly type: string; readonly value: string }
  | { readonly kind: 'parameter'; readonly name?: string; readonly index: number }
  | { readonly kind: 'system'; readonly name: string }
  | { readonly kind: 'identifier'; readonly name: string }
  | { readonly kind: 'field'; readonly of: Expression; readonly name: string; readonly nameAt?: Position }
  | { readonly kind: 'index'; readonly of: Expression; readonly index: Expression }
  | { readonly kind: 'unary'; readonly op: '-' | '+' | '~' | 'NOT'; readonly arg: Expression }
  | { readonly kind: 'binary'; readonly op: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'logical'; readonly op: 'AND' | 'OR'; readonly args: readonly Expression[] }
  | { readonly kind: 'is'; readonly arg: Expression; readonly what: 'NULL' | 'TRUE' | 'FALSE'; readonly not: boolean }
  | { readonly kind: 'distinct'; readonly left: Expression; readonly right: Expression; readonly not: boolean }
  | { readonly kind: 'like'; readonly left: Expression; readonly right: Expression; readonly not: boolean }
  | {
      readonly kind: 'between'
      readonly arg: Expression
      readonly low: Expression
      readonly high: Expression
      readonly not: boolean
    }
  | { readonly kind: 'in'; readonly arg: Expression; readonly list: readonly Expression[]; readonly not: boolean }
  | { readonly kind: 'inQuery'; readonly arg: Expression; readonly query: Query; readonly not: boolean }
  | { readonly kind: 'inUnnest'; readonly arg: Expression; readonly array: Expression; readonly not: boolean }
  | {
      readonly kind: 'case'
      readonly operand?: Expression
      readonly whens: readonly { readonly when: Expression; readonly result: Expression }[]
      readonly otherwise?: Expression
    }
  | { readonly kind: 'cast'; readonly arg: Expression; readonly type: TypeNode; readonly safe: boolean }
  | { readonly kind: 'extract'; readonly part: Expression; readonly arg: Expression; readonly zone?: Expression }
  | { readonly kind: 'array'; readonly element?: TypeNode; readonly items: readonly Expression[] }
  | {
      readonly kind: 'struct'
      readonly type?: TypeNode
      readonly items: readonly { readonly expression: Expression; readonly alias?: string }[]
    }
  | { readonly kind: 'interval'; readonly value: Expression; readonly from: string; readonly to?: string }
  | { readonly kind: 'subquery'; readonly how: 'scalar' | 'EXISTS' | 'ARRAY'; readonly query: Query }
  | Call
)

export type SelectItem =
  | { readonly kind: 'expression'; readonly expression: Expression; readonly alias?: Name }
  | {
      readonly kind: 'star'
      readonly of?: Expression
      readonly except: readonly Name[]
      readonly replace: readonly { readonly expression: Expression; readonly name: Name }[]
      readonly at: Position
    }

export type FromItem = { readonly at: Position } & (
  | { readonly kind: 'table'; readonly path: readonly Name[]; readonly alias?: Name; readonly offset?: Name }
  | { readonly kind: 'derived'; readonly query: Query; readonly alias?: Name }
  | { readonly kind: 'unnest'; readonly array: Expression; readonly alias?: Name; readonly offset?: Name }
  | {
      readonly kind: 'join'
      readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS'
      readonly left: FromItem
      readonly right: FromItem
      readonly on?: Expression
      readonly using?: readonly Name[]
    }
)

export type GroupBy =
  | { readonly kind: 'all' }
  | { readonly kind: 'keys'; readonly keys: readonly Expression[] }
  /** ROLLUP, CUBE and GROUPING SETS, as the list of the sets they stand for. */
  | { readonly kind: 'sets'; readonly sets: readonly (readonly Expression[])[] }

export interface Select {
  readonly kind: 'select'
  readonly distinct: boolean
  readonly as?: 'STRUCT' | 'VALUE'
  readonly items: readonly SelectItem[]
  readonly from?: FromItem
  readonly where?: Expression
  readonly groupBy?: GroupBy
  readonly having?: Expression
  readonly qualify?: Expression
  readonly windows: readonly { readonly name: Name; readonly window: Window }[]
  readonly at: Position
}

export interface SetOperation {
  readonly kind: 'set'
  readonly op: 'UNION ALL' | 'UNION DISTINCT' | 'INTERSECT DISTINCT' | 'EXCEPT DISTINCT'
  readonly inputs: readonly QueryBody[]
  readonly at: Position
}

export type QueryBody = Select | SetOperation | { readonly kind: 'query'; readonly query: Query; readonly at: Position }

export interface Query {
  readonly with: readonly { readonly name: Name; readonly query: Query }[]
  readonly body: QueryBody
  readonly orderBy: readonly OrderItem[]
  readonly limit?: Expression
  readonly offset?: Expression
  readonly at: Position
}

export interface Option {
  readonly name: Name
  readonly value: Expression
}

export interface ColumnNode {
  readonly name: Name
  readonly type: ColumnType
  readonly notNull: boolean
  readonly options: readonly Option[]
}

/** A column's type, whose STRUCT fields may carry NOT NULL and OPTIONS of their own. */
export type ColumnType =
  | { readonly kind: 'ARRAY'; readonly element: ColumnType; readonly at: Position }
  | { readonly kind: 'STRUCT'; readonly fields: readonly ColumnNode[]; readonly at: Position }
  | { readonly kind: 'NAMED'; readonly name: string; readonly parameters: readonly string[]; readonly at: Position }

export type Statement =
  | { readonly kind: 'query'; readonly query: Query }
  | {
      readonly kind: 'createTable'
      readonly path: readonly Name[]
      readonly orReplace: boolean
      readonly ifNotExists: boolean
      readonly columns?: readonly ColumnNode[]
      readonly partitionBy?: Expression
      readonly clusterBy: readonly Expression[]
      readonly options: readonly Option[]
      readonly query?: Query
      readonly at: Position
    }
  | { readonly kind: 'dropTable'; readonly path: readonly Name[]; readonly ifExists: boolean; readonly at: Position }
  | {
      readonly kind: 'createSchema'
      readonly path: readonly Name[]
      readonly ifNotExists: boolean
      readonly options: readonly Option[]
      readonly at: Position
    }
  | {
      readonly kind: 'insert'
      readonly path: readonly Name[]
      readonly columns?: readonly Name[]
      readonly rows?: readonly (readonly Expression[])[]
      readonly query?: Query
      readonly at: Position
    }
