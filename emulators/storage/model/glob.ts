import { invalidArgument } from '../../shared/index.ts'

/**
 * The globs of `matchGlob`: `*` and `?` stop at `/`, `**` does not, `[abc]`, `[a-z]`, `[!abc]`, `{one,other}`
 * (cloud.google.com/storage/docs/json_api/v1/objects/list#list-objects-and-prefixes-using-glob).
 */
export interface Glob {
  /** What every match starts with. */
  readonly literalPrefix: string
  matches(name: string): boolean
}

export function globPattern(glob: string): Glob {
  let source = ''
  let depth = 0
  for (const token of glob.match(TOKEN) ?? []) {
    if (token === '{') depth++
    if (token === '}') depth--
    if (depth < 0) throw invalid(glob)
    source += translate(token, depth > 0)
  }
  if (depth !== 0) throw invalid(glob)
  const pattern = compile(source, glob)
  return {
    literalPrefix: /^[^*?[\]{}\\]*/.exec(glob)![0],
    matches: (name) => pattern.test(name),
  }
}

/** `**`, a set, an escaped character, or any one character. */
const TOKEN = /\*\*|\[[!^]?[^\]]+\]|\\.|./gsu

function translate(token: string, inBraces: boolean): string {
  if (token === '**') return '.*'
  if (token === '*') return '[^/]*'
  if (token === '?') return '[^/]'
  if (token === '{') return '(?:'
  if (token === '}') return ')'
  if (token === ',' && inBraces) return '|'
  if (token.length > 2 && token.startsWith('[')) {
    const [, not, members] = /^\[([!^]?)(.*)\]$/su.exec(token)!
    return `[${not ? '^' : ''}${members!.replace(/[\\\]^[]/g, '\\$&')}]`
  }
  const character = token.length > 1 && token.startsWith('\\') ? token.slice(1) : token
  return character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

function compile(source: string, glob: string): RegExp {
  try {
    return new RegExp(`^${source}$`, 'su')
  } catch (cause) {
    throw invalid(glob, cause)
  }
}

const invalid = (glob: string, cause?: unknown) =>
  invalidArgument(`Invalid glob: ${glob}`, { location: { type: 'parameter', name: 'matchGlob' }, cause })
