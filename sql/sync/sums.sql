SELECT pg_catalog.array_agg(number) AS numbers, pg_catalog.array_agg(rows) AS rows,
       pg_catalog.array_agg(first) AS first, pg_catalog.array_agg(second) AS second
  FROM (SELECT number, count(*) AS rows,
               pg_catalog.mod(sum(pg_catalog.hashint8extended(hash, 1)), 9223372036854775808)::int8 AS first,
               pg_catalog.mod(sum(pg_catalog.hashfloat8extended(hash::float8, 2)), 9223372036854775808)::int8 AS second
          FROM (SELECT {number} AS number, {hash} AS hash FROM {from}
                -- As when it is verified: the hash is computed once, by parallel workers.
                UNION ALL SELECT 0::int8, 0::int8 FROM pg_catalog.pg_class WHERE false) AS row
         GROUP BY number) AS bucket
 -- A row for each bucket would take many times the memory here.
 GROUP BY number / 1024
