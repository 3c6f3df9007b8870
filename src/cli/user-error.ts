/** A mistake of the caller's, in words that say how to mend it: printed without a stack, exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError'
}
