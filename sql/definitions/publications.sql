-- 6237 is pg_publication_namespace, which came with 15.
SELECT 'publication' AS kind, '' AS schema, '' AS relation, p.pubname::text AS name, NULL::text AS part_of,
       pg_catalog.pg_get_userbyid(p.pubowner)::text AS owner, NULL::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(p.pubowner),
           'comment', pg_catalog.obj_description(p.oid, 'pg_publication'),
           'all tables', p.puballtables, 'insert', p.pubinsert, 'update', p.pubupdate, 'delete', p.pubdelete, 'truncate', p.pubtruncate,
           'by the root', nullif(pg_catalog.to_jsonb(p) ->> 'pubviaroot', 'false'),
           'generated columns', nullif(pg_catalog.to_jsonb(p) ->> 'pubgencols', 'n'),
           'tables', (SELECT pg_catalog.jsonb_agg(r.prrelid::regclass::text || {part} ORDER BY r.prrelid::regclass::text)
                        FROM pg_catalog.pg_publication_rel r WHERE r.prpubid = p.oid),
           'schemas', (SELECT pg_catalog.jsonb_agg(n.nspname ORDER BY n.nspname)
                         FROM pg_catalog.pg_depend d
                         JOIN pg_catalog.pg_depend o ON o.classid = d.classid AND o.objid = d.objid
                          AND o.refclassid = 'pg_catalog.pg_namespace'::regclass
                         JOIN pg_catalog.pg_namespace n ON n.oid = o.refobjid
                        WHERE d.classid = 6237 AND d.refclassid = 'pg_catalog.pg_publication'::regclass AND d.refobjid = p.oid))::text AS aspects
  FROM pg_catalog.pg_publication p
