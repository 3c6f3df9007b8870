import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { Storage } from '@google-cloud/storage'
import { expect, test } from 'vitest'
import { manualClock } from '../../clock/index.ts'
import { startStorage } from './index.ts'

const BOUNDARY = 'part'
const head = [`--${BOUNDARY}`, 'Content-Type: application/json', '', '{"name":"taken"}', `--${BOUNDARY}`, '', ''].join(
  '\r\n',
)
const kinds = {
  multipart: {
    type: `multipart/related; boundary=${BOUNDARY}`,
    query: 'uploadType=multipart',
    head,
    tail: `\r\n--${BOUNDARY}--`,
  },
  media: { type: 'text/plain', query: 'uploadType=media&name=taken', head: '', tail: '' },
}

test.for(Object.entries(kinds))(
  'a %s upload that is refused before all of it has come leaves its connection to the next request',
  async ([, { type, query, head, tail }]) => {
    await using emulator = await startStorage({ clock: manualClock() })
    const { host, port } = emulator
    const storage = new Storage({
      projectId: 'p',
      apiEndpoint: `http://${host}:${port}`,
      useAuthWithCustomEndpoint: false,
    })
    const [bucket] = await storage.createBucket('a-bucket')
    await bucket.file('taken').save('content', { resumable: false })

    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ask = async (method: string, path: string, body: readonly string[] = []) => {
      const asking = request({
        host,
        port,
        agent,
        method,
        path,
        ...(body.length > 0 && { headers: { 'content-type': type } }),
      })
      for (const piece of body) asking.write(piece)
      asking.end()
      const [answer] = (await once(asking, 'response')) as [IncomingMessage]
      await text(answer)
      return [answer.statusCode, asking.reusedSocket]
    }
    // More than the emulator reads ahead of what it looks at.
    const content = Array.from({ length: 64 }, () => 'x'.repeat(16 * 1024))
    const path = `/upload/storage/v1/b/a-bucket/o?${query}&ifGenerationMatch=0`
    expect(await ask('POST', path, [head, ...content, tail])).toEqual([412, false])
    expect(await ask('GET', '/storage/v1/b/a-bucket/o')).toEqual([200, true])
    agent.destroy()
  },
)
