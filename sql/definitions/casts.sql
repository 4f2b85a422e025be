-- Below 16384 (FirstNormalObjectId) is what initdb made; the cast of a range to its multirange comes with the type.
SELECT 'cast' AS kind, '' AS schema, '' AS relation,
       pg_catalog.format('%s AS %s', pg_catalog.format_type(c.castsource, NULL), pg_catalog.format_type(c.casttarget, NULL)) AS name,
       NULL::text AS part_of, NULL::text AS owner, NULL::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'comment', pg_catalog.obj_description(c.oid, 'pg_cast'),
           'function', nullif(c.castfunc, 0)::regproc,
           'method', CASE c.castmethod WHEN 'f' THEN 'function' WHEN 'i' THEN 'text' ELSE 'binary' END,
           'context', CASE c.castcontext WHEN 'e' THEN 'explicit' WHEN 'a' THEN 'assignment' ELSE 'implicit' END)::text AS aspects
  FROM pg_catalog.pg_cast c
  JOIN pg_catalog.pg_type t ON t.oid = c.casttarget AND t.typtype <> 'm'
 WHERE c.oid >= 16384
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT 'transform', '', '', pg_catalog.format('for %s language %I', pg_catalog.format_type(t.trftype, NULL), l.lanname), NULL, NULL, NULL,
       pg_catalog.jsonb_build_object(
           'comment', pg_catalog.obj_description(t.oid, 'pg_transform'),
           'from sql', nullif(t.trffromsql::oid, 0)::regproc, 'to sql', nullif(t.trftosql::oid, 0)::regproc)::text
  FROM pg_catalog.pg_transform t
  JOIN pg_catalog.pg_language l ON l.oid = t.trflang
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_transform'::regclass AND d.objid = t.oid AND d.deptype = 'e')
UNION ALL
SELECT 'access method', '', '', a.amname::text, NULL, NULL, NULL,
       pg_catalog.jsonb_build_object(
           'comment', pg_catalog.obj_description(a.oid, 'pg_am'),
           'type', CASE a.amtype WHEN 'i' THEN 'index' ELSE 'table' END, 'handler', a.amhandler::regproc)::text
  FROM pg_catalog.pg_am a
 WHERE a.oid >= 16384
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_am'::regclass AND d.objid = a.oid AND d.deptype = 'e')
UNION ALL
SELECT 'language', '', '', l.lanname::text, NULL, pg_catalog.pg_get_userbyid(l.lanowner)::text,
       coalesce(l.lanacl, pg_catalog.acldefault('l', l.lanowner))::text[],
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(l.lanowner),
           'comment', pg_catalog.obj_description(l.oid, 'pg_language'),
           'trusted', l.lanpltrusted, 'handler', nullif(l.lanplcallfoid, 0)::regproc,
           'inline', nullif(l.laninline, 0)::regproc, 'validator', nullif(l.lanvalidator, 0)::regproc)::text
  FROM pg_catalog.pg_language l
 WHERE l.oid >= 16384
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_language'::regclass AND d.objid = l.oid AND d.deptype = 'e')
