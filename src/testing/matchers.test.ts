import { beforeAll, describe, expect, test } from 'vitest'
import { order } from '../../pipeline/tests/sample-message.ts'
import { startStack, type TestStack } from './index.ts'

const failureOf = (assertion: Promise<void>): Promise<string> =>
  assertion.then(
    () => expect.unreachable(),
    (thrown: Error) => thrown.message,
  )

const message = (event_id: string, overrides: object = {}) => ({
  data: { ...order, ...overrides },
  attributes: { event_id },
})

test('toReconcile() passes when each event is there once, and else names what is not', async () => {
  await using stack = await startStack()
  await stack.publishMessage([message('evt-1'), message('evt-2', { order_date: '2024-01-15T10:31:00Z' })])
  await stack.settled()
  await expect(stack).toReconcile()
  expect(await failureOf(expect(stack).not.toReconcile())).toBe(
    'expected the stack not to reconcile, but each of 2 events is there once.',
  )
  const bucket = stack.clients.storage.bucket(stack.settings.resources.bucket)
  await bucket.deleteFiles({ prefix: 'output/order/2024/01/15/10/31/' })
  await bucket.file('output/order/2024/01/15/10/30/notes.txt').save('x')
  await expect(stack).not.toReconcile()
  expect(
    await failureOf(expect(stack).toReconcile()),
  ).toBe(`expected the stack to reconcile, but: missing 1, duplicated 0, strange files 1
Missing
  evt-2: a row, but no raw line
Files that no pipeline wrote
  output/order/2024/01/15/10/30/notes.txt
Trace one: await stack.outputs.sql("FROM trace('evt-2')")`)
})

describe('toHaveRow()', () => {
  let stack: TestStack
  beforeAll(async () => {
    stack = await startStack()
    await stack.publishMessage([
      message('evt-1'),
      message('evt-2', { order_id: 'order-2', status: 'shipped', total_amount: 1e-9, shipping_address: null }),
      message('evt-3', { status: 'lost' }),
    ])
    await stack.settled()
    return () => stack[Symbol.asyncDispose]()
  })

  test.for<[string, Record<string, unknown>]>([
    ['some of its columns', { order_id: 'order-1', status: 'pending' }],
    ['no column at all', {}],
    ['a decimal as a number', { total_amount: 59.98 }],
    ['a decimal as text, with zeros that say nothing', { total_amount: '59.980' }],
    ['a decimal that JavaScript writes with an exponent', { total_amount: 1e-9 }],
    ['an instant in another zone', { event_time: '2024-01-15T11:30:00+01:00' }],
    ['an instant as a Date', { event_time: new Date('2024-01-15T10:30:00Z') }],
    [
      'matchers',
      { status: expect.stringMatching(/^pend/), total_amount: expect.any(Number), items: expect.any(Array) },
    ],
    ['a matcher of numbers for a decimal', { total_amount: expect.closeTo(60, 1) }],
    ['a part of a record, and of each in a list', { shipping_address: { city: 'Bern' }, items: [{ price: '29.990' }] }],
    ['null for a column without a value', { order_id: 'order-2', shipping_address: null }],
  ])('finds a row by %s', async ([, columns]) => {
    await expect(stack).toHaveRow('orders', columns)
  })

  test.for<[string, Record<string, unknown>]>([
    ['another value', { status: 'delivered' }],
    ['values of two rows', { order_id: 'order-1', status: 'shipped' }],
    ['a number for a text', { order_id: 1 }],
    ['null for a value', { order_id: 'order-1', shipping_address: null }],
    ['a shorter list', { items: [] }],
    ['a decimal that differs in its last digit', { total_amount: 0.000000002 }],
    ['a text that is no decimal', { total_amount: 'much' }],
    ['a matcher that does not match', { order_id: expect.any(Number) }],
  ])('finds none by %s', async ([, columns]) => {
    await expect(stack).not.toHaveRow('orders', columns)
  })

  test('shows the rows that differ least, and the dead letter that may be the reason', async () => {
    const product_name = 'A tee with an owl on its front that looks at you wherever you go'
    const columns = { order_id: 'order-1', status: 'delivered', items: [{ product_name }] }
    expect(await failureOf(expect(stack).toHaveRow('orders', columns))).toBe(`expected orders to have a row with
  order_id: "order-1"
  status: "delivered"
  items: [{"product_name":"A tee with an owl on its front that looks at you whe…
but none of its 2 rows is one. The nearest:
  evt-1
    status: expected "delivered", got "pending"
    items[0].product_name:
      expected "A tee with an owl on its front that looks at you wherever you…
      got      "Tee"
  evt-2
    order_id: expected "order-1", got "order-2"
    status: expected "delivered", got "shipped"
    items[0].product_name:
      expected "A tee with an owl on its front that looks at you wherever you…
      got      "Tee"
1 dead letter is there:
  evt-3: invalid_value: status: is not one of pending, processing, shipped,
    delivered`)
    expect(await failureOf(expect(stack).toHaveRow('inventory', { inventory_id: expect.any(String) }))).toContain(
      'inventory_id: Any<String>\nbut the table has no rows.\n1 dead letter is there:',
    )
  })

  test('says which row is there that was not to be', async () => {
    expect(await failureOf(expect(stack).not.toHaveRow('orders', { order_id: 'order-1' }))).toBe(
      'expected orders to have no row with\n  order_id: "order-1"\nbut this row is there:\n  evt-1',
    )
  })

  test('refuses a table and a column that are not there, with .not too', async () => {
    expect(await failureOf(expect(stack).not.toHaveRow('order', {}))).toMatch(/^There is no table order; .* orders/)
    const wrong = { shipping_address: { town: 'Bern' } }
    expect(await failureOf(expect(stack).not.toHaveRow('orders', wrong))).toBe(
      'There is no column shipping_address.town; there are street, city, country.',
    )
    expect(await failureOf(expect(stack).not.toHaveRow('inventory', { stauts: 'x' }))).toMatch(/no column stauts/)
  })

  test('says that messages are not durable yet', async () => {
    const { promise: until, resolve: goOn } = Promise.withResolvers<void>()
    await using early = await startStack({ faults: (call) => (call.endsWith('.AppendRows') ? { until } : undefined) })
    await early.publish(order)
    expect(await failureOf(expect(early).toHaveRow('orders', { order_id: 'order-1' }))).toContain(
      '1 message is not durable yet: await stack.settled() first, and it will be.',
    )
    goOn()
  })
})

test('toMatchFixture() holds what the stack wrote against expected/, in the words of sluice replay', async () => {
  await using stack = await startStack()
  await stack.replay('fixtures/deployment-guide')
  await stack.settled()
  await expect(stack).toMatchFixture('fixtures/deployment-guide')
  await stack.publishMessage(message('evt-1'))
  await stack.settled()
  const failure = await failureOf(expect(stack).toMatchFixture('fixtures/deployment-guide'))
  expect(failure).toContain('✖ deployment-guide: different, 3 messages, 4 rows, 4 raw lines\n')
  expect(failure).toContain('  orders: 1 row too many, of events that none was expected of\n    evt-1')
  expect(failure).toContain('run `sluice replay --update\n    fixtures/deployment-guide`.')
  expect(await failureOf(expect(stack).toMatchFixture('fixtures/duplicates'))).toBe(
    "fixtures/duplicates was not published to this stack: await stack.replay('fixtures/duplicates') first.",
  )
})

test('a fixture whose tables lack a column has to be the first that a stack is given', async () => {
  const folder = 'fixtures/schema-evolution/after'
  await using stack = await startStack()
  await stack.replay(folder)
  await stack.settled()
  await expect(stack).toMatchFixture(folder)
  await expect(stack.replay(folder)).rejects.toThrow('has to be the first')
})

test('what is no stack is refused', async () => {
  expect(await failureOf(expect({}).toReconcile())).toBe(
    'toReconcile() takes what startStack() gave: await expect(stack).toReconcile(…)',
  )
})
