SELECT number, count(*) AS rows,
       coalesce(sum(pg_catalog.hashint8extended(hash, 1)), 0)::text || ':' ||
       coalesce(sum(pg_catalog.hashfloat8extended(hash::float8, 2)), 0)::text AS checksum
  FROM (SELECT {number} AS number, {hash} AS hash FROM {from} OFFSET 0) AS row
 GROUP BY number
