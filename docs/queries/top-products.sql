-- Which products bring in the most money, and what share of the whole?
-- Cost: items and three narrow columns of orders over the days asked for.
WITH latest AS (
  SELECT items
  FROM orders
  WHERE event_date BETWEEN @from_date AND @to_date
  QUALIFY ROW_NUMBER() OVER (PARTITION BY order_id ORDER BY publish_time DESC) = 1
)
SELECT
  item.product_id,
  ANY_VALUE(item.product_name) AS product_name,
  SUM(item.quantity) AS pieces,
  SUM(item.quantity * item.price) AS revenue,
  ROUND(100 * SUM(item.quantity * item.price) / SUM(SUM(item.quantity * item.price)) OVER (), 1) AS percent
FROM latest, UNNEST(items) AS item
GROUP BY item.product_id
ORDER BY revenue DESC, item.product_id
LIMIT 50
