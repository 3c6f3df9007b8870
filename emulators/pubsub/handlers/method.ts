/** Who waits for the answer of a unary method, whichever way the request came. */
export interface Caller {
  /** Milliseconds until it gives up; Infinity when it does not say. */
  readonly patienceMs: number
  /** Aborted when it goes away. */
  readonly gone: AbortSignal
}

/**
 * The unary methods of one service, by name. Each takes its request as the gRPC codec decodes it, and returns or promises
 * a response that the codec can encode.
 */
export type Methods = Readonly<Record<string, (request: never, caller: Caller) => object | Promise<object>>>
