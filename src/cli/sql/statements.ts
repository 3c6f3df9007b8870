/** What a text has of whole statements, each with its `;`, and the rest that a person has not ended yet. */
export interface Split {
  readonly statements: readonly string[]
  readonly rest: string
}

/** What hides a `;`: quoted text and names, comments, dollar quotes; open ones reach to the end. */
const TOKEN =
  /'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\$(\w*)\$[\s\S]*?(?:\$\1\$|$)|[^;'"$/-]+|[\s\S]/g

/** Cuts a text behind each `;` that ends a statement of DuckDB's. */
export function splitStatements(text: string): Split {
  const statements: string[] = []
  let open = ''
  for (const [token] of text.matchAll(TOKEN)) {
    open += token
    if (token !== ';') continue
    statements.push(open.trim())
    open = ''
  }
  return { statements, rest: open }
}

/** Nothing but white space and comments. */
export const isBlank = (text: string): boolean => text.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, '').trim() === ''
