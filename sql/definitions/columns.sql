-- Up to 16 the statistics target that means the default is -1, and a column of a type's own storage names it too.
SELECT 'column' AS kind, n.nspname::text AS schema, c.relname::text AS relation, a.attname::text AS name, NULL::text AS part_of,
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner, a.attacl::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'comment', pg_catalog.col_description(c.oid, a.attnum),
           'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
           'nullability', CASE WHEN a.attnotnull THEN 'not null' ELSE 'nullable' END,
           'default', CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(e.adbin, e.adrelid) END,
           'generation', CASE a.attgenerated WHEN 's' THEN 'stored: ' WHEN 'v' THEN 'virtual: ' END
                         || pg_catalog.pg_get_expr(e.adbin, e.adrelid),
           'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
           'collation', CASE WHEN a.attcollation <> t.typcollation THEN
               (SELECT pg_catalog.format('%I.%I', x.nspname, o.collname)
                  FROM pg_catalog.pg_collation o JOIN pg_catalog.pg_namespace x ON x.oid = o.collnamespace
                 WHERE o.oid = a.attcollation) END,
           'statistics target', nullif(pg_catalog.to_jsonb(a) ->> 'attstattarget', '-1'),
           'storage', CASE WHEN a.attstorage <> t.typstorage THEN
               CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END END,
           'compression', CASE pg_catalog.to_jsonb(a) ->> 'attcompression' WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END,
           'options', (SELECT pg_catalog.jsonb_agg(o ORDER BY o) FROM pg_catalog.unnest(a.attoptions) AS o),
           'server options', (SELECT pg_catalog.jsonb_agg(o ORDER BY o) FROM pg_catalog.unnest(a.attfdwoptions) AS o))::text AS aspects
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
 WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
