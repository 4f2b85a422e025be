SELECT n.oid IS NOT NULL AND NOT (held.owned AND held.watermark AND NOT held.run) AS schema,
       held.run AND held.owned AS ours,
       pg_catalog.pg_get_userbyid(n.nspowner)::text AS owner
  FROM (SELECT pg_catalog.to_regnamespace('fdwcopy_state') AS oid) AS wanted
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = wanted.oid
 CROSS JOIN LATERAL (
       -- Looking a name up in a schema that is closed to us would be an error.
       SELECT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = n.oid AND relname = 'run') AS run,
              EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = n.oid AND relname = 'watermark') AS watermark,
              coalesce(n.nspowner = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user), false) AS owned) AS held
