-- Up to 16 the target that means the default is -1.
SELECT 'statistics' AS kind, n.nspname::text AS schema, '' AS relation, s.stxname::text AS name, NULL::text AS part_of,
       pg_catalog.pg_get_userbyid(s.stxowner)::text AS owner, NULL::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(s.stxowner),
           'comment', pg_catalog.obj_description(s.oid, 'pg_statistic_ext'),
           'definition', pg_catalog.pg_get_statisticsobjdef(s.oid),
           'statistics target', nullif(pg_catalog.to_jsonb(s) ->> 'stxstattarget', '-1'))::text AS aspects
  FROM pg_catalog.pg_statistic_ext s
  JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_statistic_ext'::regclass AND d.objid = s.oid AND d.deptype = 'e')
