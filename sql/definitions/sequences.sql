-- A sequence lies in the schema of the table whose column owns it.
SELECT 'sequence' AS kind, n.nspname::text AS schema, c.relname::text AS relation, '' AS name, o.relname::text AS part_of,
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner,
       coalesce(c.relacl, pg_catalog.acldefault('s', c.relowner))::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(c.relowner),
           'comment', pg_catalog.obj_description(c.oid, 'pg_class'),
           'persistence', CASE c.relpersistence WHEN 'u' THEN 'unlogged' ELSE 'permanent' END,
           'type', s.seqtypid::regtype, 'start', s.seqstart, 'increment', s.seqincrement, 'minimum', s.seqmin, 'maximum', s.seqmax,
           'cache', s.seqcache, 'cycle', s.seqcycle,
           'owned by', pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(o.relname) || '.' || pg_catalog.quote_ident(a.attname)
                       || CASE d.deptype WHEN 'i' THEN ' as its identity' ELSE '' END)::text AS aspects
  FROM pg_catalog.pg_sequence s
  JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN (pg_catalog.pg_depend d
             JOIN pg_catalog.pg_class o ON o.oid = d.refobjid
             JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid)
         ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
        AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                    WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid IN (c.oid, o.oid) AND e.deptype = 'e')
