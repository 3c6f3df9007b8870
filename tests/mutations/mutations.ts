/** A fault that somebody might build into the pipeline, and what a replay must say of it. */
export interface Mutation {
  readonly name: string
  /** Below `pipeline/`. */
  readonly file: string
  /** Stands there once; if not, the sources have changed, and the mutation is to follow them. */
  readonly find: string
  readonly replace: string
  /** What replay must print, each of them. */
  readonly says: readonly RegExp[]
}

export const mutations: readonly Mutation[] = [
  {
    name: 'dropped column',
    file: 'transforms/to-row.ts',
    find: 'for (const column of columns) {',
    replace: "for (const column of columns.filter(({ name }) => name !== 'ip_address')) {",
    says: [/user_activity: ip_address is gone in \d+ of \d+ rows/],
  },
  {
    name: 'wrong time zone',
    file: 'transforms/instant.ts',
    find: 'zone}`)',
    replace: "zone?.replace('Z', '+01:00')}`)",
    says: [/orders.*: event_time is different in \d+ of \d+ rows, -1 h each/, /raw .*order.*: path is different/],
  },
  {
    name: 'off-by-one minute',
    file: 'transforms/instant.ts',
    find: 'floorDivide(micros, MICROS_PER_MINUTE)) * 60_000)',
    replace: 'floorDivide(micros, MICROS_PER_MINUTE) + 1n) * 60_000)',
    says: [/raw .*order.*: path is different in (\d+) of \1 lines, \+1 min each/],
  },
  {
    name: 'rounding',
    file: 'transforms/decimal.ts',
    find: 'const shortest = value.toString()',
    replace: 'const shortest = (Math.round(value * 10) / 10).toString()',
    says: [/orders: items\[\]\.price is different in/, /orders: total_amount is different in/],
  },
  {
    name: 'lost duplicate check',
    file: 'sinks/raw-files.ts',
    find: 'some.set(line.eventId, line)',
    replace: 'some.set(line.messageId, line)',
    says: [/\d+ rows too many, of events that have one already/, /\d+ lines too many, of events that have one already/],
  },
  {
    name: 'swapped fields',
    file: 'transforms/to-row.ts',
    find: 'const value = Object.hasOwn(source, column.name) ? source[column.name] : undefined',
    replace: `const name = { city: 'country', country: 'city' }[column.name] ?? column.name
    const value = Object.hasOwn(source, name) ? source[name] : undefined`,
    says: [/orders: shipping_address\.city and shipping_address\.country are swapped in/],
  },
  {
    name: 'truncated file',
    file: 'sinks/cloud-storage.ts',
    find: '.save(content, {',
    replace: '.save(content.slice(0, content.length * 0.9), {',
    says: [/raw .*order.*: \d+ of \d+ lines are missing/, /raw .*order.*: \d+ lines? cannot be read/],
  },
  {
    name: 'wrong path',
    file: 'sinks/cloud-storage.ts',
    find: 'bucket.file(name).save(',
    replace: "bucket.file(name.replace('output/', 'output/raw/')).save(",
    says: [/raw .*order.*: path is different in (\d+) of \1 lines/, /output\/raw\//],
  },
  {
    name: 'lost dead letter',
    file: 'stages.ts',
    find: 'if (decoded.ok) return',
    replace: "if (decoded.ok || decoded.reason === 'not_utf8') return",
    says: [/dead_letters: \d+ of \d+ rows? (is|are) missing/, /never became durable/],
  },
  {
    name: 'double write',
    file: 'sinks/rows.ts',
    find: 'const rows = lines.map(',
    replace: 'const rows = [...lines, ...lines].map(',
    says: [/orders.*: \d+ rows too many, of events that have one already/],
  },
]
