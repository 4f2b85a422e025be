SELECT key, rows, (sum(rows) OVER ())::int8 AS all_rows, count(*) OVER () AS all_keys
  FROM (SELECT pg_catalog.concat_ws(', ', {key}) AS key, count(*) AS rows {violating} GROUP BY 1) AS found
 ORDER BY rows DESC, key
 LIMIT {limit}
