/** The major version that the sources need, as `engines` in package.json says. */
export const OLDEST_NODE = 24
