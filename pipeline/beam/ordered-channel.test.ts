import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { inOrder } from './ordered-channel.ts'

function slowConsumer(fail: (data: Uint8Array) => boolean = () => false) {
  const seen: string[] = []
  return {
    seen,
    consumer: {
      async sendData(data: Uint8Array) {
        await turn()
        if (fail(data)) throw new Error('It failed.')
        seen.push(`data ${data[0]}`)
      },
      async sendTimers(family: string) {
        seen.push(`timers ${family}`)
      },
      close: () => void seen.push('close'),
      onError: (error: Error) => void seen.push(error.message),
    },
  }
}

test('the end of the data does not overtake data that is still being processed', async () => {
  const { consumer, seen } = slowConsumer()
  const channel = inOrder(consumer)
  for (let i = 0; i < 20; i++) void channel.sendData(Uint8Array.of(i))
  channel.close()
  await channel.sendTimers('f', new Uint8Array())
  expect(seen).toEqual([...Array.from({ length: 20 }, (_, i) => `data ${i}`), 'close', 'timers f'])
})

test('after data that failed nothing more is processed, and the error is reported once', async () => {
  const { consumer, seen } = slowConsumer((data) => data[0] === 1)
  const channel = inOrder(consumer)
  for (let i = 0; i < 3; i++) void channel.sendData(Uint8Array.of(i))
  await channel.sendData(Uint8Array.of(3))
  expect(seen).toEqual(['data 0', 'It failed.'])
})
