SELECT c.collname::text AS name, c.collprovider::text AS provider, coalesce(c.collcollate, '')::text AS locale
  FROM pg_catalog.pg_collation c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
 WHERE n.nspname = 'pg_catalog'
