/** How Google's .proto files name things, and how their codecs and JSON do. */

/** `ack_deadline_seconds` as `ackDeadlineSeconds`. */
export const camelCase = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** `ackDeadlineSeconds` as `ack_deadline_seconds`. */
export const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** `CreateTopic` as `createTopic`. */
export const lowerFirst = (name: string) => name[0]!.toLowerCase() + name.slice(1)
