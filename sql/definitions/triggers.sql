-- Up to 14 those that partitions have of their parent are internal too.
SELECT 'trigger' AS kind, n.nspname::text AS schema, c.relname::text AS relation, t.tgname::text AS name, NULL::text AS part_of,
       NULL::text AS owner, NULL::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'comment', pg_catalog.obj_description(t.oid, 'pg_trigger'),
           'definition', pg_catalog.pg_get_triggerdef(t.oid),
           'state', CASE t.tgenabled WHEN 'O' THEN 'enabled' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'in replicas' ELSE 'always' END
       )::text AS aspects
  FROM pg_catalog.pg_trigger t
  JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE (NOT t.tgisinternal OR t.tgconstraint = 0)
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
