-- How fresh is each table, and how long does the pipeline take from Pub/Sub to the row?
-- Cost: three narrow columns of each table since @from_date.
WITH rows_of AS (
  SELECT 'orders' AS table_name, publish_time, processed_at FROM orders WHERE event_date >= @from_date
  UNION ALL
  SELECT 'inventory', publish_time, processed_at FROM inventory WHERE event_date >= @from_date
  UNION ALL
  SELECT 'user_activity', publish_time, processed_at FROM user_activity WHERE event_date >= @from_date
  UNION ALL
  SELECT 'dead_letters', publish_time, processed_at FROM dead_letters WHERE event_date >= @from_date
)
SELECT
  table_name,
  MAX(processed_at) AS last_row,
  TIMESTAMP_DIFF(CURRENT_TIMESTAMP(), MAX(processed_at), MINUTE) AS minutes_old,
  ROUND(AVG(TIMESTAMP_DIFF(processed_at, publish_time, MILLISECOND)) / 1000, 3) AS mean_seconds_to_row,
  MAX(TIMESTAMP_DIFF(processed_at, publish_time, MILLISECOND)) / 1000 AS worst_seconds_to_row
FROM rows_of
GROUP BY table_name
ORDER BY minutes_old DESC, table_name
