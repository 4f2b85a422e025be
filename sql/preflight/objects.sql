SELECT object.class::text AS class, object.class::oid AS class_oid, object.oid, found.type, found.identity
  FROM (SELECT 'pg_catalog.pg_type'::regclass AS class, t.oid, t.typnamespace AS namespace
          FROM pg_catalog.pg_type t
          LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
         -- Not the array type of another one; a domain over arrays is of their category too.
         WHERE (t.typelem = 0 OR (SELECT e.typarray FROM pg_catalog.pg_type e WHERE e.oid = t.typelem) <> t.oid)
           AND (t.typrelid = 0 OR c.relkind = 'c')
        UNION ALL SELECT 'pg_catalog.pg_class'::regclass, oid, relnamespace FROM pg_catalog.pg_class
                   WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'i', 'I') AND relpersistence <> 't'
        UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, oid, pronamespace FROM pg_catalog.pg_proc
        UNION ALL SELECT 'pg_catalog.pg_operator'::regclass, oid, oprnamespace FROM pg_catalog.pg_operator
        UNION ALL SELECT 'pg_catalog.pg_collation'::regclass, oid, collnamespace FROM pg_catalog.pg_collation
        UNION ALL SELECT 'pg_catalog.pg_conversion'::regclass, oid, connamespace FROM pg_catalog.pg_conversion
        UNION ALL SELECT 'pg_catalog.pg_opclass'::regclass, oid, opcnamespace FROM pg_catalog.pg_opclass
        UNION ALL SELECT 'pg_catalog.pg_opfamily'::regclass, oid, opfnamespace FROM pg_catalog.pg_opfamily
        UNION ALL SELECT 'pg_catalog.pg_statistic_ext'::regclass, oid, stxnamespace FROM pg_catalog.pg_statistic_ext
        UNION ALL SELECT 'pg_catalog.pg_ts_config'::regclass, oid, cfgnamespace FROM pg_catalog.pg_ts_config
        UNION ALL SELECT 'pg_catalog.pg_ts_dict'::regclass, oid, dictnamespace FROM pg_catalog.pg_ts_dict
        UNION ALL SELECT 'pg_catalog.pg_ts_parser'::regclass, oid, prsnamespace FROM pg_catalog.pg_ts_parser
        UNION ALL SELECT 'pg_catalog.pg_ts_template'::regclass, oid, tmplnamespace FROM pg_catalog.pg_ts_template
       ) AS object
  JOIN pg_catalog.pg_namespace n ON n.oid = object.namespace
 CROSS JOIN LATERAL pg_catalog.pg_identify_object(object.class, object.oid, 0) AS found
 WHERE n.nspname::text = ANY ($1)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = object.class AND d.objid = object.oid AND d.deptype IN ('e', 'i')
                      AND d.refclassid NOT IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_constraint'::regclass))
   -- An index of an extension's table is no member itself.
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_index i
                     JOIN pg_catalog.pg_depend d
                       ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indrelid AND d.deptype = 'e'
                    WHERE object.class = 'pg_catalog.pg_class'::regclass AND i.indexrelid = object.oid)
