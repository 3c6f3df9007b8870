-- Which two products are bought together, and in how many orders?
-- The two UNNESTs of one row make its pairs; `<` keeps one of (a, b) and (b, a), and none of (a, a).
-- Cost: items and three narrow columns of orders over the days asked for; no table is read twice.
WITH latest AS (
  SELECT order_id, items
  FROM orders
  WHERE event_date BETWEEN @from_date AND @to_date
  QUALIFY ROW_NUMBER() OVER (PARTITION BY order_id ORDER BY publish_time DESC) = 1
)
SELECT
  a.product_id AS product,
  b.product_id AS bought_with,
  COUNT(DISTINCT order_id) AS orders
FROM latest, UNNEST(items) AS a, UNNEST(items) AS b
WHERE a.product_id < b.product_id
GROUP BY product, bought_with
ORDER BY orders DESC, product, bought_with
LIMIT 50
