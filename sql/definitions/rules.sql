SELECT 'rule' AS kind, n.nspname::text AS schema, c.relname::text AS relation, r.rulename::text AS name, NULL::text AS part_of,
       NULL::text AS owner, NULL::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'comment', pg_catalog.obj_description(r.oid, 'pg_rewrite'),
           'definition', pg_catalog.pg_get_ruledef(r.oid),
           'state', CASE r.ev_enabled WHEN 'O' THEN 'enabled' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'in replicas' ELSE 'always' END
       )::text AS aspects
  FROM pg_catalog.pg_rewrite r
  JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE r.rulename <> '_RETURN'
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
