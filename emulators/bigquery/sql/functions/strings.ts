import { fn } from './signature.ts'

export const strings = [
  fn('UPPER(STRING) -> STRING', 'upper'),
  fn('LOWER(STRING) -> STRING', 'lower'),
  fn('CONCAT(STRING, [STRING...]) -> STRING', (args) => `(${args.join(' || ')})`),
  fn('LENGTH(STRING) -> INT64', 'length'),
]
