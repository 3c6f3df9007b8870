-- Has any event more than one row? The pipeline promises that none has: the answer is empty.
-- Cost: three narrow columns of each table over the days asked for.
WITH ids AS (
  SELECT 'orders' AS table_name, event_id, processed_at FROM orders WHERE event_date BETWEEN @from_date AND @to_date
  UNION ALL
  SELECT 'inventory', event_id, processed_at FROM inventory WHERE event_date BETWEEN @from_date AND @to_date
  UNION ALL
  SELECT 'user_activity', event_id, processed_at FROM user_activity WHERE event_date BETWEEN @from_date AND @to_date
  UNION ALL
  SELECT 'dead_letters', event_id, processed_at FROM dead_letters WHERE event_date BETWEEN @from_date AND @to_date
)
SELECT
  event_id,
  COUNT(*) AS copies,
  ARRAY_AGG(DISTINCT table_name ORDER BY table_name) AS tables,
  MIN(processed_at) AS first_row,
  MAX(processed_at) AS last_row
FROM ids
GROUP BY event_id
HAVING copies > 1
ORDER BY copies DESC, event_id
