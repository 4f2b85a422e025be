SELECT 'policy' AS kind, n.nspname::text AS schema, c.relname::text AS relation, p.polname::text AS name, NULL::text AS part_of,
       NULL::text AS owner, NULL::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'comment', pg_catalog.obj_description(p.oid, 'pg_policy'),
           'command', CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all' END,
           'mode', CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END,
           'roles', (SELECT pg_catalog.jsonb_agg(CASE r WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(r) END
                                                 ORDER BY CASE r WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(r) END)
                       FROM pg_catalog.unnest(p.polroles) AS r),
           'using', pg_catalog.pg_get_expr(p.polqual, p.polrelid),
           'with check', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))::text AS aspects
  FROM pg_catalog.pg_policy p
  JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
