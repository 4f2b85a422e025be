SELECT place, label, {part} AS part, count(*) AS rows,
       coalesce(sum(pg_catalog.hashint8extended(hash, 1)), 0)::text || ':' ||
       coalesce(sum(pg_catalog.hashfloat8extended(hash::float8, 2)), 0)::text AS checksum
  FROM (SELECT {place} AS place, {label} AS label, {hash} AS hash FROM {from} OFFSET 0) AS row
 GROUP BY place, label
