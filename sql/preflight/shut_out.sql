SELECT n.nspname::text AS schema, r.rolname::text AS owner
  FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS wanted (schema, owner)
  JOIN pg_catalog.pg_namespace n ON n.nspname::text = wanted.schema
  JOIN pg_catalog.pg_roles r ON r.rolname::text = wanted.owner
 WHERE NOT pg_catalog.has_schema_privilege(r.oid, n.oid, 'CREATE')
