-- What will be sold out first, at the pace of the last seven days up to @to_date?
-- @from_date is the day of the last full count (or the first day of all): the stock is what was added up since then.
-- Cost: five columns of inventory from that day on.
WITH stock AS (
  SELECT
    product_id,
    warehouse_id,
    SUM(quantity_change) AS pieces,
    -SUM(IF(reason = 'sale' AND event_date > DATE_SUB(@to_date, INTERVAL 7 DAY), quantity_change, 0)) / 7 AS sold_a_day
  FROM inventory
  WHERE event_date BETWEEN @from_date AND @to_date
  GROUP BY product_id, warehouse_id
)
SELECT
  product_id,
  warehouse_id,
  pieces,
  ROUND(sold_a_day, 2) AS sold_a_day,
  ROUND(SAFE_DIVIDE(pieces, sold_a_day), 1) AS days_left
FROM stock
WHERE sold_a_day > 0 AND pieces < 14 * sold_a_day
ORDER BY days_left, product_id, warehouse_id
