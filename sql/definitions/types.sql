-- Arrays, rows of tables and multiranges go with their types.
SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END AS kind,
       n.nspname::text AS schema, '' AS relation, t.typname::text AS name, NULL::text AS part_of,
       pg_catalog.pg_get_userbyid(t.typowner)::text AS owner,
       coalesce(t.typacl, pg_catalog.acldefault('T', t.typowner))::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(t.typowner),
           'comment', pg_catalog.obj_description(t.oid, 'pg_type'),
           'kind', CASE WHEN NOT t.typisdefined THEN 'shell' WHEN t.typtype = 'e' THEN 'enum' WHEN t.typtype = 'c' THEN 'composite'
                        WHEN t.typtype = 'r' THEN 'range' WHEN t.typtype = 'd' THEN 'domain' ELSE 'base' END,
           'labels', (SELECT pg_catalog.jsonb_agg(e.enumlabel ORDER BY e.enumsortorder)
                        FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid),
           'attributes', (SELECT pg_catalog.jsonb_agg(
                                     pg_catalog.quote_ident(a.attname) || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)
                                     || coalesce(' COLLATE ' || (SELECT pg_catalog.format('%I.%I', x.nspname, o.collname)
                                            FROM pg_catalog.pg_collation o JOIN pg_catalog.pg_namespace x ON x.oid = o.collnamespace
                                           WHERE o.oid = a.attcollation), '') ORDER BY a.attnum)
                            FROM pg_catalog.pg_attribute a
                           WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped),
           'attribute comments', (SELECT pg_catalog.jsonb_agg(pg_catalog.quote_ident(a.attname) || ': ' || pg_catalog.col_description(a.attrelid, a.attnum)
                                                              ORDER BY a.attname)
                                    FROM pg_catalog.pg_attribute a
                                   WHERE a.attrelid = t.typrelid AND pg_catalog.col_description(a.attrelid, a.attnum) IS NOT NULL),
           'base type', CASE t.typtype WHEN 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END,
           'default', t.typdefault, 'nullability', CASE WHEN t.typnotnull THEN 'not null' END,
           'collation', (SELECT pg_catalog.format('%I.%I', x.nspname, o.collname)
                           FROM pg_catalog.pg_collation o JOIN pg_catalog.pg_namespace x ON x.oid = o.collnamespace
                          WHERE o.oid = t.typcollation),
           'constraints', (SELECT pg_catalog.jsonb_agg(pg_catalog.quote_ident(k.conname) || ' ' || pg_catalog.pg_get_constraintdef(k.oid)
                                      || coalesce(', comment: ' || pg_catalog.obj_description(k.oid, 'pg_constraint'), '') ORDER BY k.conname)
                             FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype <> 'n'),
           'subtype', CASE WHEN r.rngtypid <> 0 THEN pg_catalog.format_type(r.rngsubtype, NULL) END,
           'subtype operators', (SELECT pg_catalog.format('%I.%I', x.nspname, o.opcname)
                                   FROM pg_catalog.pg_opclass o JOIN pg_catalog.pg_namespace x ON x.oid = o.opcnamespace
                                  WHERE o.oid = r.rngsubopc),
           'subtype collation', (SELECT pg_catalog.format('%I.%I', x.nspname, o.collname)
                                   FROM pg_catalog.pg_collation o JOIN pg_catalog.pg_namespace x ON x.oid = o.collnamespace
                                  WHERE o.oid = r.rngcollation),
           'canonical', nullif(r.rngcanonical::oid, 0)::regproc, 'difference', nullif(r.rngsubdiff::oid, 0)::regproc,
           'multirange', (pg_catalog.to_jsonb(r) ->> 'rngmultitypid')::oid::regtype,
           'form', CASE WHEN t.typtype = 'b' AND t.typisdefined THEN pg_catalog.jsonb_build_array(
               'length ' || t.typlen, 'by value ' || t.typbyval, 'alignment ' || t.typalign::text, 'storage ' || t.typstorage::text,
               'category ' || t.typcategory::text, 'preferred ' || t.typispreferred, 'delimiter ' || t.typdelim::text,
               'input ' || t.typinput::regproc, 'output ' || t.typoutput::regproc,
               'receive ' || t.typreceive::regproc, 'send ' || t.typsend::regproc,
               'modifier input ' || t.typmodin::regproc, 'modifier output ' || t.typmodout::regproc,
               'analyze ' || t.typanalyze::regproc) END)::text AS aspects
  FROM pg_catalog.pg_type t
  JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
  LEFT JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid
 WHERE t.typtype IN ('b', 'c', 'd', 'e', 'r', 'p') AND (t.typrelid = 0 OR c.relkind = 'c')
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
