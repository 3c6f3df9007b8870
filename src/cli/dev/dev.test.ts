import { createServer } from 'node:net'
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { portsAreFree } from '../ports.ts'
import { affectedBy, PARTS, staysAsItWas } from './affected.ts'
import { Complaints } from './complaint.ts'
import { Figures } from './figures.ts'
import { screenOn } from './screen.ts'

test.each([
  ['src/generator/api/app.ts', ['generator']],
  ['src/tables/plan.ts', ['table manager']],
  ['pipeline/transforms/decode.ts', ['pipeline']],
  ['src/catalogue/events/order.ts', PARTS],
  ['clock/index.ts', PARTS],
  ['src/settings.ts', PARTS],
  ['src/generator/generator.test.ts', []],
  ['src/cli/e2e/run.ts', []],
  ['src/outputs/reconcile.ts', []],
  ['emulators/pubsub/server.ts', []],
  ['src/generator/README.md', []],
])('a change of %s restarts %o', (path, parts) => {
  expect(affectedBy(path)).toEqual(parts)
})

test.each([
  ['emulators/pubsub/server.ts', true],
  ['src/cli/dev/run.ts', true],
  ['emulators/pubsub/push.test.ts', false],
  ['pipeline/graph.ts', false],
])('whether a change of %s needs a new dev: %s', (path, expected) => {
  expect(staysAsItWas(path)).toBe(expected)
})

const bundle = (messageIds: readonly string[]) => ({
  rows: { orders: messageIds.length - 1 },
  rawFiles: 2,
  deadLetters: { not_json: 1 },
  messageIds,
})

test('figures are rates since the last line, and totals since the beginning', () => {
  const figures = new Figures(0)
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) figures.published(id)
  figures.durable(bundle(['a', 'b', 'c', 'd']))
  expect(figures.line(2_000)).toBe('published 3/s · rows 2/s · events 6 · files 2 · dead letters 1 · backlog 2')
  figures.durable(bundle(['e', 'f', 'f']))
  expect(figures.line(3_000)).toBe('published 0/s · rows 2/s · events 6 · files 4 · dead letters 2 · backlog 0')
})

test('the backlog is what was published and is not durable, in whichever order one hears of it', () => {
  const ids = fc.uniqueArray(fc.string(), { maxLength: 50 })
  fc.assert(
    fc.property(ids, fc.infiniteStream(fc.boolean()), (published, coins) => {
      const figures = new Figures(0)
      const durable = published.filter(() => coins.next().value)
      const steps = [
        ...published.map((id) => () => figures.published(id)),
        ...durable.map((id) => () => figures.durable(bundle([id]))),
      ]
      for (const step of steps.toSorted(() => (coins.next().value ? 1 : -1))) step()
      expect(figures.line(1_000)).toMatch(new RegExp(`backlog ${published.length - durable.length}$`))
    }),
  )
})

function output(isTTY: boolean) {
  const written: string[] = []
  return { written, isTTY, columns: 20, write: (text: string) => void written.push(text) }
}

test('on a terminal the figures are the last line, cut to its width and written anew', () => {
  const out = output(true)
  const screen = screenOn(out)
  screen.figures('published 12/s · rows 12/s')
  screen.say('hello')
  expect(out.written.every((text) => text.startsWith('\r\u001b[K'))).toBe(true)
  expect(out.written.map(stripVTControlCharacters)).toEqual(['\rpublished 12/s · ro', '\rhello\npublished 12/s · ro'])
})

test('elsewhere each line stays, and the same figures are not written again', () => {
  const out = output(false)
  const screen = screenOn(out)
  for (const line of ['one', 'one', 'two']) screen.figures(line)
  expect(out.written).toEqual(['one\n', 'two\n'])
})

test('what a part logs is told in words, debugging left out, and not again within ten seconds', () => {
  const complaints = new Complaints('pipeline')
  const line = (severity: string, more = {}) => JSON.stringify({ severity, message: 'table made', ...more })
  expect(complaints.text(line('DEBUG'), 0)).toBeUndefined()
  expect(complaints.text(line('INFO'), 0)).toBe('pipeline │ table made')
  expect(complaints.text(line('INFO'), 9_999)).toBeUndefined()
  expect(complaints.text(line('INFO'), 10_000)).toBe('pipeline │ table made')
  expect(complaints.text(line('ERROR', { error: { message: 'quota' } }), 0)).toBe(
    'pipeline │ ERROR: table made (quota)',
  )
  expect(complaints.text('{"severity": no JSON', 0)).toBe('pipeline │ {"severity": no JSON')
})

test('every port that is taken is named, with who wants it and which flag changes it', async () => {
  await using server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const wanted = [
    { port: 0, wantedBy: 'the pipeline', flag: '--pipeline-port' },
    { port, wantedBy: 'the generator', flag: '--generator-port' },
  ]
  await expect(portsAreFree('127.0.0.1', wanted)).rejects.toThrow(
    `port ${port}, wanted by the generator, is taken: --generator-port <port> changes it.`,
  )
  const twice = [1, 2].map((n) => ({ port: 50_000, wantedBy: `part ${n}`, flag: `--port-${n}` }))
  await expect(portsAreFree('127.0.0.1', twice)).rejects.toThrow(
    'port 50000, wanted by part 1, is wanted by part 2 too',
  )
  await portsAreFree('127.0.0.1', [wanted[0]!])
})
