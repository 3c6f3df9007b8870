-- How does revenue go, day by day, with the mean of the last seven days? Days without an order count as 0.
-- Cost: four narrow columns of orders over the days asked for.
WITH latest AS (
  SELECT event_date, total_amount
  FROM orders
  WHERE event_date BETWEEN @from_date AND @to_date
  QUALIFY ROW_NUMBER() OVER (PARTITION BY order_id ORDER BY publish_time DESC) = 1
),
by_day AS (
  SELECT day, COUNT(total_amount) AS orders, IFNULL(SUM(total_amount), 0) AS revenue
  FROM UNNEST(GENERATE_DATE_ARRAY(@from_date, @to_date)) AS day
  LEFT JOIN latest ON event_date = day
  GROUP BY day
)
SELECT
  day,
  orders,
  revenue,
  ROUND(AVG(revenue) OVER (ORDER BY day ROWS BETWEEN 6 PRECEDING AND CURRENT ROW), 2) AS mean_of_7_days
FROM by_day
ORDER BY day
