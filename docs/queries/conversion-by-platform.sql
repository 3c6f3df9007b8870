-- On which platform do sessions end with something in the cart?
-- Cost: activity_type, metadata and event_date of user_activity over the days asked for.
WITH sessions AS (
  SELECT
    metadata.platform AS platform,
    metadata.session_id AS session_id,
    COUNTIF(activity_type = 'add_to_cart') - COUNTIF(activity_type = 'remove_from_cart') AS in_cart
  FROM user_activity
  WHERE event_date BETWEEN @from_date AND @to_date
  GROUP BY platform, session_id
)
SELECT
  platform,
  COUNT(*) AS sessions,
  COUNTIF(in_cart > 0) AS with_cart,
  ROUND(100 * COUNTIF(in_cart > 0) / COUNT(*), 1) AS percent
FROM sessions
GROUP BY platform
ORDER BY percent DESC, platform
