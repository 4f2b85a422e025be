-- The definition begins where the names of index and table end.
SELECT 'index' AS kind, n.nspname::text AS schema, c.relname::text AS relation, x.relname::text AS name, NULL::text AS part_of,
       NULL::text AS owner, NULL::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'comment', pg_catalog.obj_description(x.oid, 'pg_class'),
           'unique', i.indisunique,
           'definition', pg_catalog.substr(pg_catalog.pg_get_indexdef(x.oid),
               pg_catalog.strpos(pg_catalog.pg_get_indexdef(x.oid), ' ON ' || CASE x.relkind WHEN 'I' THEN 'ONLY ' ELSE '' END
                                 || c.oid::regclass || ' USING ')
               + pg_catalog.length(' ON ' || CASE x.relkind WHEN 'I' THEN 'ONLY ' ELSE '' END || c.oid::regclass || ' USING ')),
           'valid', i.indisvalid AND i.indisready AND i.indislive,
           'part of', (SELECT p.inhparent::regclass FROM pg_catalog.pg_inherits p WHERE p.inhrelid = x.oid),
           'statistics targets', (SELECT pg_catalog.jsonb_agg(a.attnum || ': ' || (pg_catalog.to_jsonb(a) ->> 'attstattarget') ORDER BY a.attnum)
                                    FROM pg_catalog.pg_attribute a
                                   WHERE a.attrelid = x.oid AND a.attnum > 0
                                     AND pg_catalog.to_jsonb(a) ->> 'attstattarget' <> '-1'))::text AS aspects
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
  JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
