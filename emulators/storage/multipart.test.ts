import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRelated } from './multipart.ts'

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

function related(content: Uint8Array, newline: string, boundary = 'b==1'): Buffer {
  const head = [`--${boundary}`, 'Content-Type: application/json', '', '{"name":"x"}', `--${boundary}`]
  return Buffer.concat([
    Buffer.from([...head, 'Content-Type: text/plain', 'MIME-Version: 1.0', '', ''].join(newline)),
    content,
    Buffer.from(`${newline}--${boundary}--${newline}`),
  ])
}

test('metadata and content come apart, however the body is cut and its lines end', async () => {
  const bytes = fc.array(fc.constantFrom('\r', '\n', '-', '--b==', '--b==1', 'x'), { maxLength: 12 })
  const newlines = fc.constantFrom('\r\n', '\n')
  await fc.assert(
    fc.asyncProperty(bytes, newlines, fc.integer({ min: 1, max: 50 }), async (letters, newline, size) => {
      const content = Buffer.from(letters.join(''))
      fc.pre(!`${newline}${letters.join('')}`.includes(`${newline}--b==1`))
      const parts = await parseRelated('multipart/related; boundary="b==1"', inPieces(related(content, newline), size))
      expect(parts).toMatchObject({ metadata: '{"name":"x"}', contentType: 'text/plain' })
      expect(Buffer.concat(await Array.fromAsync(parts.content)).toString()).toBe(content.toString())
    }),
  )
})

test.each(['b==1', '"b==1"', "'b==1'"])('the boundary may be written %s', async (written) => {
  const header = `multipart/related; boundary=${written}; charset=UTF-8`
  const parts = await parseRelated(header, inPieces(related(Buffer.from('x'), '\n'), 10))
  expect(parts.metadata).toBe('{"name":"x"}')
})

test('a body that ends before its boundary is refused', async () => {
  const whole = related(Buffer.from('content'), '\r\n')
  for (let length = 0; length < whole.length - 4; length++) {
    const reading = async () => {
      const parts = await parseRelated('multipart/related; boundary=b==1', inPieces(whole.subarray(0, length), 7))
      await Array.fromAsync(parts.content)
    }
    await expect(reading()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  }
})
