import { expect, test } from 'vitest'
import { openDatabase } from './database.ts'

/** The tables of the kit, as its table manager makes them, with rows around the day that the tests hold for today. */
const setup = [
  `CREATE TABLE \`my-project.dev_events_dataset.orders\` (
     order_id STRING NOT NULL, customer_id STRING, order_date TIMESTAMP, status STRING,
     items ARRAY<STRUCT<product_id STRING, product_name STRING, quantity INT64, price NUMERIC>>,
     shipping_address STRUCT<street STRING, city STRING, country STRING>,
     total_amount NUMERIC, event_id STRING, event_date DATE)
   PARTITION BY event_date CLUSTER BY customer_id, status`,
  `CREATE TABLE my-project.dev_events_dataset.inventory (
     product_id STRING, warehouse_id STRING, quantity_change INT64, reason STRING, timestamp TIMESTAMP, event_date DATE)`,
  `CREATE TABLE \`my-project\`.dev_events_dataset.user_activity (
     user_id STRING, activity_type STRING, timestamp TIMESTAMP, event_date DATE,
     metadata STRUCT<session_id STRING, platform STRING>)`,
  `INSERT INTO \`my-project.dev_events_dataset.orders\` VALUES
     ('o1', 'c1', TIMESTAMP '2024-06-15 10:00:00', 'pending', [STRUCT('p1', 'Lamp', 2, NUMERIC '9.99'), ('p2', 'Desk', 1, 100)],
      STRUCT('Main St', 'Oslo', 'NO'), 119.98, 'e1', '2024-06-15'),
     ('o2', 'c1', TIMESTAMP '2024-05-20 10:00:00', 'shipped', [STRUCT('p1', 'Lamp', 1, NUMERIC '9.99')],
      NULL, 9.99, 'e2', '2024-05-20'),
     ('o3', 'c2', TIMESTAMP '2024-06-01 10:00:00', 'pending', [], NULL, 0.10, 'e3', '2024-06-01'),
     ('o4', 'c3', TIMESTAMP '2024-05-01 10:00:00', 'pending', [], NULL, 1000, 'e4', '2024-05-01')`,
  `INSERT INTO my-project.dev_events_dataset.inventory VALUES
     ('p1', 'w1', 10, 'restock', TIMESTAMP '2024-06-15 01:00:00', '2024-06-15'),
     ('p1', 'w1', -3, 'sale', TIMESTAMP '2024-06-15 02:00:00', '2024-06-15'),
     ('p2', 'w1', -1, 'sale', TIMESTAMP '2024-06-15 03:00:00', '2024-06-15'),
     ('p1', 'w1', 99, 'restock', TIMESTAMP '2024-06-14 23:59:59', '2024-06-14')`,
  `INSERT INTO my-project.dev_events_dataset.user_activity (user_id, activity_type, event_date)
     SELECT u, a, DATE '2024-06-15' FROM UNNEST(['u1', 'u2']) u, UNNEST(['login', 'view_product', 'view_product']) a
     UNION ALL SELECT 'u1', 'add_to_cart', DATE '2024-06-10'
     UNION ALL SELECT 'u3', 'login', DATE '2024-06-01'`,
]

const database = await openDatabase(Date.parse('2024-06-15T12:00:00Z'))
for (const statement of setup) await database.run(statement)

test('customer order totals of the last 30 days', async () => {
  const { rows, columns } = await database.run(`
    SELECT customer_id, COUNT(*) AS orders, SUM(total_amount) AS total, AVG(total_amount) AS average
    FROM \`my-project.dev_events_dataset.orders\`
    WHERE event_date >= CURRENT_DATE() - 30
    GROUP BY customer_id
    ORDER BY total DESC`)
  expect(rows).toEqual([
    ['c1', 2n, '129.97', '64.985'],
    ['c2', 1n, '0.1', '0.1'],
  ])
  expect(columns.map((c) => c.type.kind)).toEqual(['STRING', 'INT64', 'NUMERIC', 'NUMERIC'])
})

test('net inventory change per warehouse and product today', async () => {
  const { rows } = await database.run(`
    SELECT warehouse_id, product_id, SUM(quantity_change) AS net_change, COUNTIF(reason = 'sale') AS sales
    FROM \`my-project.dev_events_dataset.inventory\`
    WHERE DATE(timestamp) = CURRENT_DATE()
    GROUP BY 1, 2
    ORDER BY net_change DESC, product_id`)
  expect(rows).toEqual([
    ['w1', 'p1', 7n, 1n],
    ['w1', 'p2', -1n, 1n],
  ])
})

test('the activity funnel of the last 7 days', async () => {
  const { rows } = await database.run(`
    SELECT
      COUNT(DISTINCT user_id) AS users,
      COUNTIF(activity_type = 'view_product') AS views,
      COUNTIF(activity_type = 'add_to_cart') AS carts,
      SAFE_DIVIDE(COUNTIF(activity_type = 'add_to_cart'), COUNTIF(activity_type = 'view_product')) AS rate
    FROM \`my-project\`.dev_events_dataset.user_activity
    WHERE event_date > DATE_SUB(CURRENT_DATE(), INTERVAL 7 DAY)`)
  expect(rows).toEqual([[2n, 4n, 1n, 0.25]])
})

test('revenue per product, from the items of each order', async () => {
  const { rows } = await database.run(`
    SELECT item.product_id, SUM(item.quantity) AS sold, SUM(item.quantity * item.price) AS revenue
    FROM \`my-project.dev_events_dataset.orders\`, UNNEST(items) AS item
    GROUP BY item.product_id
    ORDER BY revenue DESC`)
  expect(rows).toEqual([
    ['p2', 1n, '100'],
    ['p1', 3n, '29.97'],
  ])
})
