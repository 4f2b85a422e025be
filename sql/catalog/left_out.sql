-- What this database holds and pg_dump leaves out without a word. Columns that not all versions have are read
-- through to_jsonb.
SELECT 'invalid index' AS cause, 'INDEX' AS kind, i.indexrelid::regclass::text AS object, i.indrelid AS relation
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT (i.indisready AND (i.indisvalid OR c.relkind = 'p')) AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'in a schema of the system', upper(found.type), found.identity, 0::oid
  FROM (SELECT 'pg_catalog.pg_type'::regclass AS class, t.oid, t.typnamespace AS namespace
          FROM pg_catalog.pg_type t
          LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
         WHERE t.typcategory <> 'A' AND (t.typrelid = 0 OR c.relkind = 'c')
        UNION ALL SELECT 'pg_catalog.pg_class'::regclass, oid, relnamespace FROM pg_catalog.pg_class
                   WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
        UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, oid, pronamespace FROM pg_catalog.pg_proc
        UNION ALL SELECT 'pg_catalog.pg_operator'::regclass, oid, oprnamespace FROM pg_catalog.pg_operator
        UNION ALL SELECT 'pg_catalog.pg_conversion'::regclass, oid, connamespace FROM pg_catalog.pg_conversion
        UNION ALL SELECT 'pg_catalog.pg_opclass'::regclass, oid, opcnamespace FROM pg_catalog.pg_opclass
        UNION ALL SELECT 'pg_catalog.pg_opfamily'::regclass, oid, opfnamespace FROM pg_catalog.pg_opfamily
        UNION ALL SELECT 'pg_catalog.pg_statistic_ext'::regclass, oid, stxnamespace FROM pg_catalog.pg_statistic_ext
        UNION ALL SELECT 'pg_catalog.pg_ts_config'::regclass, oid, cfgnamespace FROM pg_catalog.pg_ts_config
        UNION ALL SELECT 'pg_catalog.pg_ts_dict'::regclass, oid, dictnamespace FROM pg_catalog.pg_ts_dict
        UNION ALL SELECT 'pg_catalog.pg_ts_parser'::regclass, oid, prsnamespace FROM pg_catalog.pg_ts_parser
        UNION ALL SELECT 'pg_catalog.pg_ts_template'::regclass, oid, tmplnamespace FROM pg_catalog.pg_ts_template
       ) AS object
  JOIN pg_catalog.pg_namespace n ON n.oid = object.namespace AND n.nspname IN ('pg_catalog', 'information_schema')
 CROSS JOIN LATERAL pg_catalog.pg_identify_object(object.class, object.oid, 0) AS found
 -- Below 16384 (FirstNormalObjectId) is what initdb made. What belongs to something else goes with it.
 WHERE object.oid >= 16384
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = object.class AND d.objid = object.oid AND d.deptype IN ('e', 'i'))
UNION ALL
SELECT 'rights in information_schema', 'ACL', found.type || ' ' || found.identity, 0::oid
  FROM (SELECT 'pg_catalog.pg_namespace'::regclass AS class, oid, 0 AS part, nspacl AS rights, nspowner AS owner, 'USAGE' AS usual
          FROM pg_catalog.pg_namespace WHERE nspname = 'information_schema'
        UNION ALL SELECT 'pg_catalog.pg_class'::regclass, c.oid, 0, c.relacl, c.relowner, 'SELECT'
          FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'information_schema' AND c.oid < 16384
        UNION ALL SELECT 'pg_catalog.pg_class'::regclass, c.oid, a.attnum, a.attacl, c.relowner, ''
          FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
         WHERE n.nspname = 'information_schema' AND c.oid < 16384
        UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, p.oid, 0, p.proacl, p.proowner, 'EXECUTE'
          FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
         WHERE n.nspname = 'information_schema' AND p.oid < 16384
       ) AS object
 CROSS JOIN LATERAL pg_catalog.pg_identify_object(object.class, object.oid, object.part) AS found
 -- initdb grants PUBLIC the usual right, and records no initial rights here.
 WHERE object.rights IS NOT NULL
   AND (EXISTS (SELECT FROM pg_catalog.aclexplode(object.rights) r
                 WHERE r.grantee <> object.owner AND (r.grantee <> 0 OR r.privilege_type <> object.usual))
        OR NOT EXISTS (SELECT FROM pg_catalog.aclexplode(object.rights) r WHERE r.grantee = 0))
UNION ALL
SELECT 'rights on a row type', 'ACL', 'type ' || t.oid::regtype::text, c.oid
  FROM pg_catalog.pg_type t
  JOIN pg_catalog.pg_class c ON c.oid = t.typrelid AND c.relkind <> 'c'
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE t.typacl IS NOT NULL AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'comment on a part', 'COMMENT', found.type || ' ' || found.identity, object.relation
  FROM (SELECT 'pg_catalog.pg_type'::regclass AS class, t.oid, t.typrelid AS relation
          FROM pg_catalog.pg_type t JOIN pg_catalog.pg_class c ON c.oid = t.typrelid AND c.relkind <> 'c'
        UNION ALL SELECT 'pg_catalog.pg_trigger'::regclass, t.oid, t.tgrelid
          FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid AND c.relispartition
         WHERE t.tgisinternal OR (pg_catalog.to_jsonb(t) ->> 'tgparentid') <> '0'
        UNION ALL SELECT 'pg_catalog.pg_constraint'::regclass, k.oid, k.conrelid
          FROM pg_catalog.pg_constraint k
         WHERE k.conrelid <> 0 AND (k.contype = 'c' AND NOT k.conislocal OR k.contype = 'f' AND k.conparentid <> 0)
       ) AS object
  JOIN pg_catalog.pg_description d ON d.classoid = object.class AND d.objoid = object.oid AND d.objsubid = 0
 CROSS JOIN LATERAL pg_catalog.pg_identify_object(object.class, object.oid, 0) AS found
 WHERE object.oid >= 16384
UNION ALL
SELECT 'asleep', 'CONSTRAINT TRIGGER', k.conname || ' on ' || t.tgrelid::regclass::text, t.tgrelid
  FROM pg_catalog.pg_trigger t
  JOIN pg_catalog.pg_constraint k ON k.oid = t.tgconstraint AND k.contype <> 't'
 WHERE t.tgisinternal AND t.tgenabled <> 'O'
 GROUP BY k.oid, k.conname, t.tgrelid
UNION ALL
SELECT 'name of a part', 'CONSTRAINT NAME', k.conname || ' on ' || k.conrelid::regclass::text, k.conrelid
  FROM pg_catalog.pg_constraint k
  JOIN pg_catalog.pg_constraint parent ON parent.oid = k.conparentid
 WHERE k.contype = 'f' AND k.conrelid <> parent.conrelid AND k.conname <> parent.conname
UNION ALL
SELECT 'being detached', 'PARTITION', i.inhrelid::regclass::text, i.inhrelid
  FROM pg_catalog.pg_inherits i
 WHERE (pg_catalog.to_jsonb(i) ->> 'inhdetachpending')::bool
UNION ALL
SELECT 'options not shown', 'USER MAPPING', pg_catalog.format('%I on %I', u.usename, u.srvname), 0::oid
  FROM pg_catalog.pg_user_mappings u
  JOIN pg_catalog.pg_foreign_server s ON s.oid = u.srvid
 WHERE u.umoptions IS NULL
   AND NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
   -- The rule by which the view shows them.
   AND NOT CASE WHEN u.umuser = 0 THEN pg_catalog.pg_has_role(s.srvowner, 'USAGE')
                ELSE u.usename = current_user
                     AND (pg_catalog.pg_has_role(s.srvowner, 'USAGE') OR pg_catalog.has_server_privilege(s.oid, 'USAGE')) END
UNION ALL
SELECT 'place in the log', 'REPLICATION SLOT', slot_name::text, 0::oid
  FROM pg_catalog.pg_replication_slots
 WHERE database = current_database() AND NOT temporary
UNION ALL
SELECT 'not committed', 'PREPARED TRANSACTION', gid, 0::oid
  FROM pg_catalog.pg_prepared_xacts
 WHERE database = current_database()
 ORDER BY 1, 2, 3
