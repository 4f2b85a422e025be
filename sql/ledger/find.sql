SELECT n.oid IS NOT NULL AS schema,
       -- Looking a name up in a schema that is closed to us would be an error.
       EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = n.oid AND relname = 'run')
           AND coalesce(n.nspowner = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user), false) AS ours,
       pg_catalog.pg_get_userbyid(n.nspowner)::text AS owner
  FROM (SELECT pg_catalog.to_regnamespace('fdwcopy_state') AS oid) AS wanted
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = wanted.oid
