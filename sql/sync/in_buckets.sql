({number}) IN (SELECT pg_catalog.unnest(ARRAY[{buckets}]::int8[]))
