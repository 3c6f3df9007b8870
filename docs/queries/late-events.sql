-- How late do events come: how long after they happened were they published?
-- A change of an order's status carries the time of the order, so orders look later than their producer is.
-- Cost: four narrow columns of each table over the days asked for.
WITH events AS (
  SELECT event_type, event_time, publish_time FROM orders WHERE event_date BETWEEN @from_date AND @to_date
  UNION ALL
  SELECT event_type, event_time, publish_time FROM inventory WHERE event_date BETWEEN @from_date AND @to_date
  UNION ALL
  SELECT event_type, event_time, publish_time FROM user_activity WHERE event_date BETWEEN @from_date AND @to_date
),
delays AS (
  SELECT event_type, TIMESTAMP_DIFF(publish_time, event_time, SECOND) AS seconds FROM events
)
SELECT
  event_type,
  COUNT(*) AS events,
  COUNTIF(seconds > 60) AS later_than_a_minute,
  COUNTIF(seconds > 3600) AS later_than_an_hour,
  COUNTIF(seconds < 0) AS from_the_future,
  MAX(seconds) AS worst_seconds
FROM delays
GROUP BY event_type
ORDER BY event_type
