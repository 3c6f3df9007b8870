-- Who filled a cart and has not ordered since?
-- Cost: four columns of user_activity and three of orders over the days asked for.
WITH carts AS (
  SELECT user_id, MAX(event_time) AS last_added
  FROM user_activity
  WHERE event_date BETWEEN @from_date AND @to_date AND activity_type = 'add_to_cart'
  GROUP BY user_id
)
SELECT user_id, last_added
FROM carts
WHERE NOT EXISTS (
  SELECT 1
  FROM orders
  WHERE orders.event_date BETWEEN @from_date AND @to_date
    AND orders.customer_id = carts.user_id
    AND orders.order_date >= carts.last_added
)
ORDER BY last_added DESC, user_id
