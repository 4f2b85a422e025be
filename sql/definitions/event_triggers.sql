SELECT 'event trigger' AS kind, '' AS schema, '' AS relation, t.evtname::text AS name, NULL::text AS part_of,
       pg_catalog.pg_get_userbyid(t.evtowner)::text AS owner, NULL::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(t.evtowner),
           'comment', pg_catalog.obj_description(t.oid, 'pg_event_trigger'),
           'event', t.evtevent, 'function', t.evtfoid::regproc, 'tags', t.evttags,
           'state', CASE t.evtenabled WHEN 'O' THEN 'enabled' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'in replicas' ELSE 'always' END
       )::text AS aspects
  FROM pg_catalog.pg_event_trigger t
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_event_trigger'::regclass AND d.objid = t.oid AND d.deptype = 'e')
