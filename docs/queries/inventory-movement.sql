-- How did the stock of each product move in each warehouse, and why?
-- Cost: five columns of inventory over the days asked for. A filter on product_id reads only its clusters.
SELECT
  product_id,
  warehouse_id,
  SUM(quantity_change) AS net_change,
  SUM(IF(reason = 'restock', quantity_change, 0)) AS restocked,
  -SUM(IF(reason = 'sale', quantity_change, 0)) AS sold,
  SUM(IF(reason = 'return', quantity_change, 0)) AS returned,
  -SUM(IF(reason = 'damage', quantity_change, 0)) AS damaged,
  COUNT(*) AS changes
FROM inventory
WHERE event_date BETWEEN @from_date AND @to_date
GROUP BY product_id, warehouse_id
ORDER BY product_id, warehouse_id
