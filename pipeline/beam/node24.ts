/**
 * The SDK's `serialize-closures` calls `util.isPrimitive`, which Node 23 removed. To be loaded before the SDK, in every
 * process that runs it.
 */
import util from 'node:util'

const legacy = util as typeof util & { isPrimitive?: (value: unknown) => boolean }
legacy.isPrimitive ??= (value) => value === null || (typeof value !== 'object' && typeof value !== 'function')
