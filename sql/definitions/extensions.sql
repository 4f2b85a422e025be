-- What a server can install decides whether another version is a difference.
SELECT 'extension' AS kind, '' AS schema, '' AS relation, e.extname::text AS name, NULL::text AS part_of,
       NULL::text AS owner, NULL::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'comment', pg_catalog.obj_description(e.oid, 'pg_extension'),
           'version', e.extversion, 'schema', n.nspname,
           'installable', (SELECT pg_catalog.jsonb_agg(v.version) FROM pg_catalog.pg_available_extension_versions v
                            WHERE v.name = e.extname))::text AS aspects
  FROM pg_catalog.pg_extension e
  JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
