-- Options of user mappings hold passwords, and most roles are not shown them: only who has one is compared.
SELECT 'foreign-data wrapper' AS kind, '' AS schema, '' AS relation, w.fdwname::text AS name, NULL::text AS part_of,
       pg_catalog.pg_get_userbyid(w.fdwowner)::text AS owner,
       coalesce(w.fdwacl, pg_catalog.acldefault('F', w.fdwowner))::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(w.fdwowner),
           'comment', pg_catalog.obj_description(w.oid, 'pg_foreign_data_wrapper'),
           'handler', nullif(w.fdwhandler, 0)::regproc, 'validator', nullif(w.fdwvalidator, 0)::regproc,
           'options', (SELECT pg_catalog.jsonb_agg(o ORDER BY o) FROM pg_catalog.unnest(w.fdwoptions) AS o))::text AS aspects
  FROM pg_catalog.pg_foreign_data_wrapper w
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_foreign_data_wrapper'::regclass AND d.objid = w.oid AND d.deptype = 'e')
UNION ALL
SELECT 'server', '', '', s.srvname::text, NULL, pg_catalog.pg_get_userbyid(s.srvowner)::text,
       coalesce(s.srvacl, pg_catalog.acldefault('S', s.srvowner))::text[],
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(s.srvowner),
           'comment', pg_catalog.obj_description(s.oid, 'pg_foreign_server'),
           'wrapper', w.fdwname, 'type', s.srvtype, 'version', s.srvversion,
           'options', (SELECT pg_catalog.jsonb_agg(o ORDER BY o) FROM pg_catalog.unnest(s.srvoptions) AS o))::text
  FROM pg_catalog.pg_foreign_server s
  JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_foreign_server'::regclass AND d.objid = s.oid AND d.deptype = 'e')
UNION ALL
SELECT 'user mapping', '', '', pg_catalog.format('%I on %I', m.usename, m.srvname), NULL, NULL, NULL, '{{}}'
  FROM pg_catalog.pg_user_mappings m
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_foreign_server'::regclass AND d.objid = m.srvid AND d.deptype = 'e')
