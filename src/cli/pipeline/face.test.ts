import { expect, test } from 'vitest'
import { manualClock } from '../../../clock/index.ts'
import { createPipelineMetrics } from '../../../pipeline/index.ts'
import { startFace } from './face.ts'

test('GET /health answers 200 while the source is open, and 503 before and after', async () => {
  const { registry } = await createPipelineMetrics(manualClock())
  await using face = await startFace({ host: '127.0.0.1', port: 0, registry })
  const ask = async () => {
    const answer = await fetch(`${face.url}/health`)
    return [answer.status, await answer.json()]
  }
  expect(await ask()).toEqual([503, { status: 'unavailable', source: 'opening' }])
  face.say('open')
  expect(await ask()).toEqual([200, { status: 'ok', source: 'open' }])
  face.say('closing')
  expect(await ask()).toEqual([503, { status: 'unavailable', source: 'closing' }])
})
