-- How long do orders take to leave the house and to arrive, by country?
-- Orders without an address are counted under '(none)'.
-- Cost: five narrow columns and the country of orders over the days asked for.
WITH steps AS (
  SELECT
    order_id,
    IFNULL(MAX(shipping_address.country), '(none)') AS country,
    MIN(order_date) AS placed,
    MIN(IF(status = 'shipped', publish_time, NULL)) AS shipped,
    MIN(IF(status = 'delivered', publish_time, NULL)) AS delivered
  FROM orders
  WHERE event_date BETWEEN @from_date AND @to_date
  GROUP BY order_id
)
SELECT
  country,
  COUNT(*) AS orders,
  COUNT(shipped) AS shipped,
  COUNT(delivered) AS delivered,
  ROUND(AVG(TIMESTAMP_DIFF(shipped, placed, MINUTE)) / 60, 1) AS mean_hours_to_ship,
  ROUND(AVG(TIMESTAMP_DIFF(delivered, placed, MINUTE)) / 60, 1) AS mean_hours_to_deliver
FROM steps
GROUP BY country
ORDER BY orders DESC, country
