import type { GeneratorOptions, GeneratorServer } from './api/server.ts'

export type { GeneratorOptions, GeneratorServer } from './api/server.ts'
export { malformed, withUnknownField } from './malformed.ts'
export { eventMessage, type GeneratedMessage } from './message.ts'
export { generateMessages, type MessageOptions } from './messages.ts'
export { batchingTopic, publishInOrderTo, publishTo } from './publisher.ts'
export { SeededSource } from './sample-source.ts'
export { runScenario, type ScenarioOptions, type ScenarioResult } from './scenario.ts'
export { type Scenario, type Span, scenarios } from './scenarios.ts'

/** The REST API, loaded by whoever serves it: the rest of the generator needs no web server. */
export const startGenerator = async (options: GeneratorOptions): Promise<GeneratorServer> =>
  (await import('./api/server.ts')).startGenerator(options)
