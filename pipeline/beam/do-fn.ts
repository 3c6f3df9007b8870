/**
 * What a ParDo stage does. The SDK ships closures to its workers, which needs a compiler plug-in that no longer runs;
 * here a stage is the name of a factory and its configuration in JSON, which any worker that has loaded the same code
 * can make again.
 */
export interface DoFn<In, Out> {
  /** `timestamp` gives the element's, in milliseconds since the Unix epoch. */
  process(element: In, emit: Emit<Out>, timestamp: () => number): void
  /** The place for asynchronous work: the runner waits for it. `emit`s given to process may still be called. */
  finishBundle?(): Promise<void>
}

/**
 * Passes an element on, in the windows of the element that it came from; at `timestamp`, in milliseconds since the Unix
 * epoch, or else at that element's.
 */
export type Emit<Out> = (element: Out, timestamp?: number) => void

export type DoFnFactory<Config, In, Out> = (config: Config) => DoFn<In, Out>

type AnyFactory = DoFnFactory<unknown, unknown, unknown>

/** Filled while modules load, like the SDK's own tables of coders and operators, and never changed after. */
const factories = new Map<string, AnyFactory>()

export function registerDoFn<Config, In, Out>(name: string, factory: DoFnFactory<Config, In, Out>): string {
  if (factories.has(name)) throw new Error(`There are two DoFns called ${name}.`)
  factories.set(name, factory as AnyFactory)
  return name
}

export function makeDoFn(name: string, config: unknown): DoFn<unknown, unknown> {
  const factory = factories.get(name)
  if (!factory) throw new Error(`No DoFn is called ${name}: the worker has not loaded the code of this pipeline.`)
  return factory(config)
}
