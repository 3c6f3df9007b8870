import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decode } from '../../pipeline/transforms/decode.ts'
import type { Message } from '../../pipeline/transforms/message.ts'
import { toDeadLetter } from '../../pipeline/transforms/to-dead-letter.ts'
import { toRawLine } from '../../pipeline/transforms/to-raw-line.ts'
import { type Row, toRow } from '../../pipeline/transforms/to-row.ts'
import { type Column, deadLetters } from '../../src/catalogue/index.ts'
import { anyEvent } from './any-event.ts'

const PROCESSED = 1_705_314_660_000_000n

const messageOf = (data: Uint8Array, attributes: Readonly<Record<string, string>> = {}): Message => ({
  id: 'message-1',
  data,
  attributes,
  publishTime: '2024-01-15T10:31:00.5Z',
})

/** How producers may write the same JSON. */
const anyForm = fc.record({
  indent: fc.constantFrom(0, 2, '\t'),
  mark: fc.boolean(),
  crlf: fc.boolean(),
  reversed: fc.boolean(),
})

function encode(event: object, form: typeof anyForm extends fc.Arbitrary<infer Form> ? Form : never): Buffer {
  const entries = Object.entries(event)
  const json = JSON.stringify(Object.fromEntries(form.reversed ? entries.reverse() : entries), null, form.indent)
  return Buffer.from(`${form.mark ? '\ufeff' : ''}${form.crlf ? json.replaceAll('\n', '\r\n') : json}`)
}

/** The same event once more, as JSON has it: without what is undefined. */
const asJson = (event: object) => JSON.parse(JSON.stringify(event))

test('any valid event is decoded to what was encoded, in whatever form', () => {
  fc.assert(
    fc.property(anyEvent, anyForm, ({ definition, event }, form) => {
      const decoded = decode(messageOf(encode(event, form)))
      expect(decoded).toMatchObject({ ok: true, unknownFields: [], definition: { type: definition.type } })
      expect(decoded.ok && asJson(decoded.event)).toEqual(asJson(event))
    }),
    { numRuns: 300 },
  )
})

test('the row and the raw line of any valid event say what the event says', () => {
  fc.assert(
    fc.property(anyEvent, anyForm, fc.string({ unit: 'binary' }), ({ definition, event }, form, id) => {
      const message = messageOf(encode(event, form), { event_id: id })
      const decoded = decode(message)
      if (!decoded.ok) throw new Error(decoded.detail)
      const line = toRawLine(message, decoded)
      expect(line).not.toMatch(/[\r\n]/)
      const { _meta, ...received } = JSON.parse(line)
      expect(received).toEqual(asJson(event))
      expect(_meta).toMatchObject({
        event_id: id || 'message-1',
        message_id: 'message-1',
        attributes: { event_id: id },
      })
      const row = toRow(definition, line, PROCESSED)
      const time = micros(String(event[definition.eventTime]))
      expect(row).toMatchObject({ event_id: id || 'message-1', event_time: time, processed_at: PROCESSED })
      expect(row.event_date).toBe(Math.floor(Number(time) / 86_400_000_000))
      const own = definition.columns.filter(({ name }) => name in definition.schema.shape)
      expect(own.length).toBeGreaterThan(3)
      for (const column of own) expectCell(column, row[column.name], asJson(event)[column.name])
    }),
    { numRuns: 300 },
  )
})

/** What BigQuery has to hold for this JSON value. */
function expectCell(column: Column, cell: unknown, value: unknown): void {
  if (column.mode === 'REPEATED') {
    expect(cell).toHaveLength((value as unknown[]).length)
    for (const [i, item] of (value as unknown[]).entries()) {
      expectCell({ ...column, mode: 'REQUIRED' }, (cell as unknown[])[i], item)
    }
  } else if (value === undefined || value === null) {
    expect(cell).toBeUndefined()
  } else if (column.type === 'RECORD') {
    for (const field of column.fields!) expectCell(field, (cell as Row)[field.name], (value as Row)[field.name])
  } else if (column.type === 'TIMESTAMP') {
    expect(cell).toBe(micros(String(value)))
  } else if (column.type === 'NUMERIC') {
    expect(cell).toMatch(/^-?\d{1,15}(\.\d{1,9})?$/)
    expect(Number(cell)).toBe(value)
  } else {
    expect(cell).toBe(value)
  }
}

/** Microseconds since the epoch; further digits are cut. */
function micros(text: string): bigint {
  const [, seconds, fraction = '', zone] = /^(.{19})(?:\.(\d+))?(.+)$/.exec(text)!
  return BigInt(Date.parse(`${seconds}${zone}`)) * 1_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6))
}

/** Bytes, JSON, and events with some of their bytes changed, cut off or repeated. */
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc.json().map((json) => Buffer.from(json)),
  fc
    .tuple(anyEvent, fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.nat(255)), { maxLength: 3 }))
    .map(([{ event }, spoils]) => {
      let data = Buffer.from(JSON.stringify(event))
      for (const [where, how, byte] of spoils) {
        const at = where % (data.length + 1)
        const [before, after] = [data.subarray(0, at), data.subarray(at)]
        data = Buffer.concat(
          how === 0
            ? [before]
            : how === 1
              ? [before, Buffer.from([byte]), after]
              : how === 2
                ? [before, after.subarray(1)]
                : [before, Buffer.from([byte]), after.subarray(1)],
        )
      }
      return data
    }),
)

test('any bytes become exactly one row with its raw line, or one dead letter with its own', () => {
  const seen = { rows: 0, letters: 0 }
  fc.assert(
    fc.property(anyBytes, fc.option(fc.string({ unit: 'binary' }), { nil: undefined }), (data, id) => {
      const message = messageOf(data, id === undefined ? {} : { event_id: id })
      const decoded = decode(message)
      const line = decoded.ok ? toRawLine(message, decoded) : toDeadLetter(message, decoded)
      expect(line).not.toMatch(/[\r\n]/)
      const row = toRow(decoded.ok ? decoded.definition : deadLetters, line, PROCESSED)
      expect(row.event_id).toBe(id || 'message-1')
      expect(JSON.parse(line)._meta.event_id).toBe(row.event_id)
      if (decoded.ok) {
        seen.rows++
        return
      }
      seen.letters++
      expect(row).toMatchObject({ reason: decoded.reason, detail: decoded.detail })
      const encoding = row.data_encoding === 'base64' ? 'base64' : 'utf8'
      expect(Buffer.compare(Buffer.from(String(row.data), encoding), data)).toBe(0)
    }),
    { numRuns: 500 },
  )
  expect(seen.rows).toBeGreaterThan(10)
  expect(seen.letters).toBeGreaterThan(100)
})
