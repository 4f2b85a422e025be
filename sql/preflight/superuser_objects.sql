SELECT found.type, found.identity
  FROM (SELECT 'pg_catalog.pg_event_trigger'::regclass AS class, oid, NULL::oid AS namespace FROM pg_catalog.pg_event_trigger
        UNION ALL SELECT 'pg_catalog.pg_foreign_data_wrapper'::regclass, oid, NULL FROM pg_catalog.pg_foreign_data_wrapper
        UNION ALL SELECT 'pg_catalog.pg_language'::regclass, oid, NULL FROM pg_catalog.pg_language WHERE NOT lanpltrusted
        UNION ALL SELECT 'pg_catalog.pg_am'::regclass, oid, NULL FROM pg_catalog.pg_am
        UNION ALL SELECT 'pg_catalog.pg_cast'::regclass, oid, NULL FROM pg_catalog.pg_cast WHERE castmethod = 'b'
        UNION ALL SELECT 'pg_catalog.pg_publication'::regclass, oid, NULL FROM pg_catalog.pg_publication WHERE puballtables
        UNION ALL SELECT 'pg_catalog.pg_type'::regclass, t.oid, t.typnamespace FROM pg_catalog.pg_type t
                   WHERE t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)
        UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, p.oid, p.pronamespace
                    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
                   WHERE NOT l.lanpltrusted AND p.prokind <> 'a'
        UNION ALL SELECT 'pg_catalog.pg_opclass'::regclass, oid, opcnamespace FROM pg_catalog.pg_opclass
        UNION ALL SELECT 'pg_catalog.pg_opfamily'::regclass, oid, opfnamespace FROM pg_catalog.pg_opfamily
        UNION ALL SELECT 'pg_catalog.pg_ts_parser'::regclass, oid, prsnamespace FROM pg_catalog.pg_ts_parser
        UNION ALL SELECT 'pg_catalog.pg_ts_template'::regclass, oid, tmplnamespace FROM pg_catalog.pg_ts_template
       ) AS object
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = object.namespace
 CROSS JOIN LATERAL pg_catalog.pg_identify_object(object.class, object.oid, 0) AS found
 -- Below 16384 (FirstNormalObjectId) is what initdb made.
 WHERE object.oid >= 16384 AND CASE WHEN object.namespace IS NULL THEN $1 ELSE n.nspname::text = ANY ($2) END
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = object.class AND d.objid = object.oid AND d.deptype IN ('e', 'i'))
 ORDER BY 1, 2
