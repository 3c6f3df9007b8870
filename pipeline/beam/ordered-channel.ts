import './sdk.ts'
import { MultiplexingDataChannel } from 'apache-beam/worker/data'

/**
 * A worker's data channel handles a message without waiting for the one before it, so that the end of the data can
 * overtake data that is still being processed: the bundle is then reported as done, and the rest of it is lost. Here
 * each consumer is given its messages one after the other.
 */
type Consumer = Parameters<MultiplexingDataChannel['registerConsumer']>[2]

export function inOrder(consumer: Consumer): Consumer {
  let last: Promise<void> = Promise.resolve()
  let failed = false
  const next = (step: () => Promise<void> | void): Promise<void> => {
    last = last.then(step).catch((error: unknown) => {
      failed = true
      consumer.onError(error as Error)
    })
    return last
  }
  return {
    sendData: (data) => next(() => (failed ? undefined : consumer.sendData(data))),
    sendTimers: (family, timers) => next(() => (failed ? undefined : consumer.sendTimers(family, timers))),
    close: () => void next(() => consumer.close()),
    onError: (error) => consumer.onError(error),
  }
}

const register = MultiplexingDataChannel.prototype.registerConsumer

MultiplexingDataChannel.prototype.registerConsumer = function (bundleId, transformId, consumer) {
  return register.call(this, bundleId, transformId, inOrder(consumer))
}
