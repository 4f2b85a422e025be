SELECT {number}::int8 AS number, count(*) AS rows,
       coalesce(sum(pg_catalog.hashint8extended(hash, 1)), 0)::text || ':' ||
       coalesce(sum(pg_catalog.hashfloat8extended(hash::float8, 2)), 0)::text AS checksum
  FROM (SELECT {hash} AS hash FROM {from}
         -- A second arm, though empty, keeps the hash from being computed once for each sum, as OFFSET 0 would, which
         -- would also keep parallel workers away.
         UNION ALL SELECT 0::int8 FROM pg_catalog.pg_class WHERE false) AS row
