-- Of the users who looked at a product, how many put one into the cart, and how many ordered?
-- A user counts for a step only when every step before it was done too, in any order.
-- Cost: three columns of user_activity and two of orders over the days asked for.
WITH users AS (
  SELECT
    user_id,
    COUNTIF(activity_type = 'view_product') > 0 AS viewed,
    COUNTIF(activity_type = 'add_to_cart') > 0 AS added
  FROM user_activity
  WHERE event_date BETWEEN @from_date AND @to_date
  GROUP BY user_id
),
buyers AS (
  SELECT DISTINCT customer_id FROM orders WHERE event_date BETWEEN @from_date AND @to_date
),
counted AS (
  SELECT
    COUNTIF(viewed) AS viewed,
    COUNTIF(viewed AND added) AS added,
    COUNTIF(viewed AND added AND customer_id IS NOT NULL) AS ordered
  FROM users
  LEFT JOIN buyers ON customer_id = user_id
)
SELECT step, users, ROUND(100 * SAFE_DIVIDE(users, viewed), 1) AS percent_of_viewers
FROM counted, UNNEST([
  STRUCT(1 AS position, 'viewed a product' AS step, viewed AS users),
  STRUCT(2, 'added to the cart', added),
  STRUCT(3, 'ordered', ordered)
])
ORDER BY position
