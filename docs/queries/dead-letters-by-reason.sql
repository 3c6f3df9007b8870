-- What is rejected, why, since when, and what does it look like?
-- Cost: six columns of dead_letters over the days asked for; `data` is the wide one, so drop `example` to save.
SELECT
  reason,
  COUNT(*) AS messages,
  MIN(publish_time) AS first_seen,
  MAX(publish_time) AS last_seen,
  ARRAY_AGG(STRUCT(event_id, detail, SUBSTR(data, 1, 200) AS data) ORDER BY publish_time DESC, event_id LIMIT 1)[OFFSET(0)] AS example
FROM dead_letters
WHERE event_date BETWEEN @from_date AND @to_date
GROUP BY reason
ORDER BY messages DESC, reason
