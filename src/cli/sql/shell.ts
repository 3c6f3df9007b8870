import { readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { styleText } from 'node:util'
import { type Explorer, QueryError } from '../../outputs/index.ts'
import { FORMATS, type Format, print } from './formats.ts'
import type { Output } from './output.ts'
import { isBlank, splitStatements } from './statements.ts'

export interface ShellOptions {
  readonly format: Format
  readonly output: Output
  readonly terminal: Terminal
}

/** Where a person types. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream
  readonly screen: NodeJS.WritableStream
  /** The file that keeps what was typed, for the next time. */
  readonly history: string
}

export const ownTerminal = (): Terminal => ({
  input: process.stdin,
  screen: process.stdout,
  history: join(homedir(), '.sluice_history'),
})

const PROMPT = 'sluice> '
const MORE = '   ...> '
const REMEMBERED = 1_000

const HELP = `\
A query ends with ;   trace('EVENT_ID') tells the way of one event.
\\d [NAME]        tables, or the columns of one     also .tables, .schema NAME
\\x               a line for each value, and back    also .mode records
.mode FORMAT     ${FORMATS.join(', ')}
.help  \\?        this
.quit  \\q        end                                also Ctrl+D
Ctrl+C ends a query that runs, or forgets what has been typed.`

const TABLES = `
  SELECT if(schema_name = 'main', '', schema_name || '.') || table_name AS name, estimated_size AS rows, comment AS holds
  FROM duckdb_tables() WHERE schema_name IN ('bq', 'raw') OR table_name = 'published' AND estimated_size > 0
  ORDER BY name`

const columnsOf = (name: string) => `
  SELECT column_name AS column, data_type AS type, comment AS holds FROM duckdb_columns()
  WHERE ${quoted(name)} IN (table_name, schema_name || '.' || table_name)
  ORDER BY schema_name, column_index`

const quoted = (text: string) => `'${text.replaceAll(/["';]/g, '')}'`

/** Reads statements from the terminal and answers them, until the person leaves. */
export async function shell(explorer: Explorer, { format, output, terminal }: ShellOptions): Promise<void> {
  const names = await completions(explorer)
  const reader = createInterface({
    input: terminal.input,
    output: terminal.screen,
    terminal: true,
    prompt: PROMPT,
    history: remembered(terminal),
    historySize: REMEMBERED,
    removeHistoryDuplicates: true,
    completer: (line: string) => complete(line, names),
  })
  let isOpen = true
  reader.once('close', () => {
    isOpen = false // Ctrl+D, perhaps while a query runs
  })
  const ask = () => {
    reader.setPrompt(session.isEmpty ? PROMPT : MORE)
    if (isOpen) reader.prompt()
  }
  await output.write('.help tells what there is; Ctrl+D ends.\n')
  const session = new Session(explorer, { format, output })
  reader.on('SIGINT', () => {
    if (session.isBusy) return explorer.interrupt()
    const hint = reader.line === '' && session.isEmpty ? '\n(Ctrl+D or .quit ends)\n' : '^C\n'
    session.forget()
    reader.write(null, { ctrl: true, name: 'e' })
    reader.write(null, { ctrl: true, name: 'u' })
    terminal.screen.write(hint)
    ask()
  })
  ask()
  for await (const line of reader) {
    if ((await session.take(line)) === 'end') break
    ask()
  }
  reader.close()
  remember(reader, terminal)
}

class Session {
  readonly #explorer: Explorer
  readonly #output: Output
  #format: Format
  #typed = ''
  isBusy = false

  constructor(explorer: Explorer, { format, output }: Omit<ShellOptions, 'terminal'>) {
    this.#explorer = explorer
    this.#output = output
    this.#format = format
  }

  get isEmpty(): boolean {
    return isBlank(this.#typed)
  }

  forget(): void {
    this.#typed = ''
  }

  async take(line: string): Promise<'end' | undefined> {
    if (this.isEmpty && /^\s*([\\.]|(help|quit|exit)\s*;?\s*$)/i.test(line)) return this.#command(line.trim())
    const { statements, rest } = splitStatements(`${this.#typed}${line}\n`)
    this.#typed = isBlank(rest) ? '' : rest
    for (const statement of statements) if (!isBlank(statement.slice(0, -1))) await this.#run(statement)
    return undefined
  }

  async #command(line: string): Promise<'end' | undefined> {
    const [name = '', argument = ''] = line.replace(/[\s;]+$/, '').split(/\s+/)
    switch (name.toLowerCase()) {
      case '\\q':
      case '.quit':
      case '.exit':
      case 'quit':
      case 'exit':
        return 'end'
      case '\\d':
      case '.tables':
      case '.schema':
        await this.#run(argument === '' ? TABLES : columnsOf(argument))
        return undefined
      case '\\x':
        return this.#mode(this.#format === 'records' ? 'table' : 'records')
      case '.mode':
        return this.#mode(argument)
      case '\\?':
      case '\\h':
      case '.help':
      case 'help':
        await this.#output.write(`${HELP}\n`)
        return undefined
      default:
        await this.#output.write(`There is no ${name}: .help tells what there is.\n`)
        return undefined
    }
  }

  async #mode(name: string): Promise<undefined> {
    const format = FORMATS.find((one) => one === name)
    if (format) this.#format = format
    await this.#output.write(format ? `Answers are ${format}.\n` : `The formats are ${FORMATS.join(', ')}.\n`)
  }

  async #run(sql: string): Promise<void> {
    this.isBusy = true
    const write = (text: string) => this.#output.write(text)
    try {
      for await (const result of this.#explorer.query(sql)) {
        await print(result, { format: this.#format, width: this.#output.width, write })
      }
    } catch (thrown) {
      if (!(thrown instanceof QueryError)) throw thrown
      await write(`${styleText('red', thrown.message)}\n`)
    } finally {
      this.isBusy = false
    }
  }
}

/** Names of tables and columns, for the Tab key. */
async function completions(explorer: Explorer): Promise<string[]> {
  const names = new Set(["trace('"])
  const query =
    "SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns() WHERE schema_name IN ('bq', 'raw')"
  for await (const { rows } of explorer.query(query)) {
    for await (const row of rows) for (const name of row) names.add(String(name))
  }
  return [...names].sort()
}

function complete(line: string, names: readonly string[]): [string[], string] {
  const word = /[\w.]*$/.exec(line)?.[0] ?? ''
  return [word === '' ? [] : names.filter((name) => name.startsWith(word)), word]
}

function remembered({ history }: Terminal): string[] {
  try {
    return readFileSync(history, 'utf8').split('\n').filter(Boolean).slice(-REMEMBERED).reverse()
  } catch {
    return [] // there is none yet
  }
}

/** Queries may hold what customers are called: for the user's eyes alone. */
function remember(reader: Interface, { history: file }: Terminal): void {
  const { history } = reader as Interface & { history: readonly string[] }
  try {
    writeFileSync(file, `${history.toReversed().join('\n')}\n`, { mode: 0o600 })
  } catch {
    // A home that cannot be written to has no history.
  }
}
