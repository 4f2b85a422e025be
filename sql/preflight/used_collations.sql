SELECT c.collname::text AS name, n.nspname = 'pg_catalog' AS built_in,
       c.collprovider::text AS provider, coalesce(c.collcollate, '')::text AS locale
  FROM pg_catalog.pg_collation c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
 WHERE c.collprovider IN ('c', 'i')
   AND c.collname NOT IN ('C', 'POSIX')
   AND (n.nspname::text = ANY ($2)
        OR c.oid IN (SELECT a.attcollation
                       FROM pg_catalog.unnest($1::oid[]) AS relation
                       JOIN pg_catalog.pg_attribute a ON a.attrelid = relation))
