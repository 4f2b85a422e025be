SELECT nspname::text AS name
  FROM pg_catalog.pg_namespace
 WHERE pg_catalog.starts_with(nspname::text, {prefix}) AND pg_catalog.pg_has_role(nspowner, 'USAGE')
 ORDER BY 1
