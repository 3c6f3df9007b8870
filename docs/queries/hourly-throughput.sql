-- How many events were published in each hour, and of which type?
-- The partition is the day of the event, so the days asked for are days of events; late ones count where they belong.
-- Cost: three narrow columns of each table over the days asked for.
WITH published AS (
  SELECT event_type, publish_time FROM orders WHERE event_date BETWEEN @from_date AND @to_date
  UNION ALL
  SELECT event_type, publish_time FROM inventory WHERE event_date BETWEEN @from_date AND @to_date
  UNION ALL
  SELECT event_type, publish_time FROM user_activity WHERE event_date BETWEEN @from_date AND @to_date
)
SELECT
  TIMESTAMP_TRUNC(publish_time, HOUR) AS hour,
  COUNT(*) AS events,
  COUNTIF(event_type = 'order') AS orders,
  COUNTIF(event_type = 'inventory') AS inventory,
  COUNTIF(event_type = 'user_activity') AS user_activity
FROM published
GROUP BY hour
ORDER BY hour
