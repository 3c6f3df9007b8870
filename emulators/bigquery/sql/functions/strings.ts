import { castTo, runtime, textLiteral } from '../analyzer/expr.ts'
import { queryError } from '../errors.ts'
import { type Emit, fn } from './signature.ts'

const own =
  (name: string): Emit =>
  (args) =>
    runtime(name, ...args)

const spread =
  (name: string): Emit =>
  (args) =>
    runtime(args.length === 3 ? `${name}3` : name, ...args)

/** DuckDB's own REPLACE, PAD and the like work on STRING; for BYTES there is nothing. */
const hashes = ['MD5', 'SHA1', 'SHA256', 'SHA512'].flatMap((name) => [
  fn(`${name}(STRING) -> BYTES`, own(name.toLowerCase())),
  fn(`${name}(BYTES) -> BYTES`, own(`${name.toLowerCase()}_bytes`)),
])

const lengths = ['LENGTH', 'CHAR_LENGTH', 'CHARACTER_LENGTH'].map((name) => fn(`${name}(STRING) -> INT64`, 'length'))
const byteLengths = ['BYTE_LENGTH', 'OCTET_LENGTH'].flatMap((name) => [
  fn(`${name}(STRING) -> INT64`, 'strlen'),
  fn(`${name}(BYTES) -> INT64`, 'octet_length'),
])

const modes = ['NFC', 'NFD', 'NFKC', 'NFKD']

export const strings = [
  fn('UPPER(STRING) -> STRING', own('upper')),
  fn('LOWER(STRING) -> STRING', own('lower')),
  ...lengths,
  fn('LENGTH(BYTES) -> INT64', 'octet_length'),
  ...byteLengths,
  ...['SUBSTR', 'SUBSTRING'].flatMap((name) => [
    fn(`${name}(STRING, INT64, [INT64]) -> STRING`, spread('substr')),
    fn(`${name}(BYTES, INT64, [INT64]) -> BYTES`, spread('substr_bytes')),
  ]),
  fn('LEFT(STRING, INT64) -> STRING', ([s, n]) => runtime('substr3', s!, '1', n!)),
  fn('RIGHT(STRING, INT64) -> STRING', ([s, n]) =>
    runtime('reverse', runtime('substr3', runtime('reverse', s!), '1', n!)),
  ),
  ...['TRIM', 'LTRIM', 'RTRIM'].map((name) =>
    fn(`${name}(STRING, [STRING]) -> STRING`, (args) =>
      runtime(`${name.toLowerCase()}${args.length === 1 ? '1' : ''}`, ...args),
    ),
  ),
  fn('REPLACE(STRING, STRING, STRING) -> STRING', own('replace')),
  fn('REVERSE(STRING) -> STRING', own('reverse')),
  fn('REVERSE(BYTES) -> BYTES', own('reverse_bytes')),
  fn('SPLIT(STRING, [STRING]) -> ARRAY<STRING>', ([s, d]) => runtime('split', s!, d ?? "','")),
  fn('STARTS_WITH(STRING, STRING) -> BOOL', 'starts_with'),
  fn('ENDS_WITH(STRING, STRING) -> BOOL', 'suffix'),
  fn('STRPOS(STRING, STRING) -> INT64', 'strpos'),
  fn('INSTR(STRING, STRING, [INT64], [INT64]) -> INT64', ([s, v, p, n]) =>
    runtime('instr', s!, v!, p ?? '1', n ?? '1'),
  ),
  fn('LPAD(STRING, INT64, [STRING]) -> STRING', ([s, n, p]) => runtime('lpad', s!, n!, p ?? "' '")),
  fn('RPAD(STRING, INT64, [STRING]) -> STRING', ([s, n, p]) => runtime('rpad', s!, n!, p ?? "' '")),
  fn('REPEAT(STRING, INT64) -> STRING', own('repeat')),
  fn('INITCAP(STRING) -> STRING', own('initcap')),
  fn('TRANSLATE(STRING, STRING, STRING) -> STRING', own('translate')),
  fn('TO_HEX(BYTES) -> STRING', own('to_hex')),
  fn('FROM_HEX(STRING) -> BYTES', own('from_hex_text')),
  fn('TO_BASE64(BYTES) -> STRING', own('to_base64')),
  fn('FROM_BASE64(STRING) -> BYTES', own('from_base64')),
  fn('TO_BASE32(BYTES) -> STRING', own('to_base32')),
  fn('TO_CODE_POINTS(STRING) -> ARRAY<INT64>', own('code_points')),
  fn('TO_CODE_POINTS(BYTES) -> ARRAY<INT64>', own('code_points_bytes')),
  fn('CODE_POINTS_TO_STRING(ARRAY<INT64>) -> STRING', own('code_points_to_string')),
  fn('CODE_POINTS_TO_BYTES(ARRAY<INT64>) -> BYTES', own('code_points_to_bytes')),
  fn(
    'UNICODE(STRING) -> INT64',
    ([s]) => `coalesce(list_extract(${runtime('code_points', s!)}, 1), CASE WHEN ${s} IS NULL THEN NULL ELSE 0 END)`,
  ),
  fn('SAFE_CONVERT_BYTES_TO_STRING(BYTES) -> STRING', own('utf8_lossy')),
  ...hashes,
  fn('ERROR(STRING) -> INT64', ([message], { result }) => castTo(runtime('error', message!), result)),
]

/** NORMALIZE(text, NFD): the mode is a word, not a value. */
export function normalizeMode(word: string, at: { line: number; column: number }): string {
  const mode = word.toUpperCase()
  if (!modes.includes(mode)) throw queryError(`Invalid normalize mode ${word}`, at)
  return textLiteral(mode)
}
