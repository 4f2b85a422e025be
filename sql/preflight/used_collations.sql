SELECT DISTINCT c.collname::text AS name, n.nspname = 'pg_catalog' AS built_in,
       c.collprovider::text AS provider, coalesce(c.collcollate, '')::text AS locale
  FROM pg_catalog.pg_collation c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
 WHERE c.collprovider IN ('c', 'i')
   AND c.collname NOT IN ('C', 'POSIX')
   AND (n.nspname::text = ANY ($2)
        OR EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = ANY ($1) AND a.attcollation = c.oid))
