import './sdk.ts'
import { Pipeline } from 'apache-beam/internal/pipeline'
import { WindowingStrategy } from 'apache-beam/proto/beam_runner_api'

/** Longer than the years that BigQuery has: the SDK's own default is 0, and late events would be dropped silently. */
const TEN_THOUSAND_YEARS_MS = 10_000n * 366n * 86_400_000n

/** The SDK's windowing, but no event is too late. */
export const anyLateness: WindowingStrategy = (() => {
  const { windowingStrategies } = new Pipeline().getProto().components!
  const standard = Object.values(windowingStrategies)[0]!
  return { ...WindowingStrategy.clone(standard), allowedLateness: TEN_THOUSAND_YEARS_MS }
})()
