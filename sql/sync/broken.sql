SELECT pg_catalog.concat_ws(', ', {key}) AS key, count(*) AS times
  FROM pg_temp.{there} GROUP BY {key} HAVING count(*) > 1 OR pg_catalog.num_nulls({key}) > 0 LIMIT 1
