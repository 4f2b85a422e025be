SELECT pair.schema, pair.owner
  FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS pair (schema, owner)
  JOIN pg_catalog.pg_namespace n ON n.nspname = pair.schema
  JOIN pg_catalog.pg_roles r ON r.rolname = pair.owner
 WHERE r.rolname <> current_user AND NOT pg_catalog.has_schema_privilege(r.oid, n.oid, 'CREATE')
