import './sdk.ts'
import { loggingLocalStorage } from 'apache-beam/worker/logging'
import type { IOperator } from 'apache-beam/worker/operators'
import { BundleProcessor } from 'apache-beam/worker/worker'

/** What BundleProcessor.process works with: private in the SDK's types. */
interface Internals {
  metricsContainer: { reset(): void }
  currentBundleId: string | undefined
  loggingStageInfo: { instructionId?: string; transformId?: string }
  topologicallyOrderedOperators: readonly IOperator[]
  stateProvider: unknown
}

/** As the SDK's, but for one line: it writes to the console for each bundle. */
async function process(this: Internals, instructionId: string): Promise<void> {
  this.metricsContainer.reset()
  this.currentBundleId = instructionId
  this.loggingStageInfo.instructionId = instructionId
  loggingLocalStorage.enterWith(this.loggingStageInfo)
  for (const operator of this.topologicallyOrderedOperators.toReversed()) {
    this.loggingStageInfo.transformId = operator.transformId
    await operator.startBundle()
  }
  for (const operator of this.topologicallyOrderedOperators) {
    this.loggingStageInfo.transformId = operator.transformId
    await operator.finishBundle()
  }
  this.loggingStageInfo.transformId = undefined
  this.loggingStageInfo.instructionId = undefined
  this.currentBundleId = undefined
  this.stateProvider = undefined
}

BundleProcessor.prototype.process = process as typeof BundleProcessor.prototype.process
