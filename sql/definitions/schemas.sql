SELECT 'schema' AS kind, n.nspname::text AS schema, '' AS relation, '' AS name, NULL::text AS part_of,
       pg_catalog.pg_get_userbyid(n.nspowner)::text AS owner,
       coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(n.nspowner),
           'comment', pg_catalog.obj_description(n.oid, 'pg_namespace'))::text AS aspects
  FROM pg_catalog.pg_namespace n
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
