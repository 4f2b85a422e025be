SELECT FROM (SELECT {key} {rows}) AS given ({names}) GROUP BY {names} HAVING pg_catalog.count(*) > 1 LIMIT 1
