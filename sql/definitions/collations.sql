-- The locale stands in another column from 15 on, and in a third from 17 on.
SELECT 'collation' AS kind, n.nspname::text AS schema, '' AS relation, c.collname::text AS name, NULL::text AS part_of,
       pg_catalog.pg_get_userbyid(c.collowner)::text AS owner, NULL::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(c.collowner),
           'comment', pg_catalog.obj_description(c.oid, 'pg_collation'),
           'provider', CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'c' THEN 'libc' WHEN 'b' THEN 'builtin' ELSE 'default' END,
           'locale', coalesce(pg_catalog.to_jsonb(c) ->> 'colllocale', pg_catalog.to_jsonb(c) ->> 'colliculocale', c.collcollate::text),
           'ctype', CASE WHEN c.collprovider <> 'i' THEN c.collctype::text END,
           'rules', pg_catalog.to_jsonb(c) ->> 'collicurules', 'encoding', c.collencoding, 'deterministic', c.collisdeterministic
       )::text AS aspects
  FROM pg_catalog.pg_collation c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_collation'::regclass AND d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT 'conversion', n.nspname::text, '', c.conname::text, NULL, pg_catalog.pg_get_userbyid(c.conowner)::text, NULL,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(c.conowner),
           'comment', pg_catalog.obj_description(c.oid, 'pg_conversion'),
           'from', pg_catalog.pg_encoding_to_char(c.conforencoding), 'to', pg_catalog.pg_encoding_to_char(c.contoencoding),
           'function', c.conproc::regproc, 'default', c.condefault)::text
  FROM pg_catalog.pg_conversion c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_conversion'::regclass AND d.objid = c.oid AND d.deptype = 'e')
