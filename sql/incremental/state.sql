SELECT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relname = 'watermark') AS present,
       n.oid IS NULL AS absent,
       coalesce(pg_catalog.pg_has_role(n.nspowner, 'USAGE'), false) AS ours,
       pg_catalog.has_database_privilege(current_database(), 'CREATE') AS may_create,
       coalesce(pg_catalog.pg_get_userbyid(n.nspowner)::text, '') AS owner
  FROM (SELECT pg_catalog.to_regnamespace('fdwcopy_state') AS oid) AS wanted
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = wanted.oid
