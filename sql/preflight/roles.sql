-- Every object that is chosen, with its owner and its rights.
WITH chosen (class, oid, owner, acl) AS (
    SELECT 'pg_catalog.pg_class'::regclass, c.oid, c.relowner, c.relacl
      FROM pg_catalog.unnest($2::oid[]) AS relation JOIN pg_catalog.pg_class c ON c.oid = relation
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, c.oid, c.relowner, a.attacl
      FROM pg_catalog.unnest($2::oid[]) AS relation
      JOIN pg_catalog.pg_class c ON c.oid = relation
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
     WHERE a.attacl IS NOT NULL
    UNION ALL
    SELECT object.class, object.oid, object.owner, object.acl
      FROM (SELECT 'pg_catalog.pg_namespace'::regclass AS class, oid, oid AS namespace, nspowner AS owner, nspacl AS acl
              FROM pg_catalog.pg_namespace
            UNION ALL SELECT 'pg_catalog.pg_type'::regclass, t.oid, t.typnamespace, t.typowner, t.typacl
              FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
             WHERE t.typcategory <> 'A' AND (t.typrelid = 0 OR c.relkind = 'c')
            UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, oid, pronamespace, proowner, proacl FROM pg_catalog.pg_proc
            UNION ALL SELECT 'pg_catalog.pg_operator'::regclass, oid, oprnamespace, oprowner, NULL FROM pg_catalog.pg_operator
            UNION ALL SELECT 'pg_catalog.pg_opclass'::regclass, oid, opcnamespace, opcowner, NULL FROM pg_catalog.pg_opclass
            UNION ALL SELECT 'pg_catalog.pg_opfamily'::regclass, oid, opfnamespace, opfowner, NULL FROM pg_catalog.pg_opfamily
            UNION ALL SELECT 'pg_catalog.pg_collation'::regclass, oid, collnamespace, collowner, NULL FROM pg_catalog.pg_collation
            UNION ALL SELECT 'pg_catalog.pg_conversion'::regclass, oid, connamespace, conowner, NULL FROM pg_catalog.pg_conversion
            UNION ALL SELECT 'pg_catalog.pg_statistic_ext'::regclass, oid, stxnamespace, stxowner, NULL FROM pg_catalog.pg_statistic_ext
            UNION ALL SELECT 'pg_catalog.pg_ts_config'::regclass, oid, cfgnamespace, cfgowner, NULL FROM pg_catalog.pg_ts_config
            UNION ALL SELECT 'pg_catalog.pg_ts_dict'::regclass, oid, dictnamespace, dictowner, NULL FROM pg_catalog.pg_ts_dict
           ) AS object
      JOIN pg_catalog.pg_namespace n ON n.oid = object.namespace
     WHERE n.nspname::text = ANY ($3)
    UNION ALL
    SELECT object.class, object.oid, object.owner, object.acl
      FROM (SELECT 'pg_catalog.pg_event_trigger'::regclass AS class, oid, evtowner AS owner, NULL::aclitem[] AS acl
              FROM pg_catalog.pg_event_trigger
            UNION ALL SELECT 'pg_catalog.pg_publication'::regclass, oid, pubowner, NULL FROM pg_catalog.pg_publication
            UNION ALL SELECT 'pg_catalog.pg_foreign_server'::regclass, oid, srvowner, srvacl FROM pg_catalog.pg_foreign_server
            UNION ALL SELECT 'pg_catalog.pg_foreign_data_wrapper'::regclass, oid, fdwowner, fdwacl FROM pg_catalog.pg_foreign_data_wrapper
            UNION ALL SELECT 'pg_catalog.pg_language'::regclass, oid, lanowner, lanacl FROM pg_catalog.pg_language WHERE oid >= 16384
            UNION ALL SELECT 'pg_catalog.pg_largeobject'::regclass, oid, lomowner, lomacl FROM pg_catalog.pg_largeobject_metadata
            UNION ALL SELECT 'pg_catalog.pg_database'::regclass, oid, datdba, datacl FROM pg_catalog.pg_database
                       WHERE datname = current_database()
           ) AS object
     WHERE $1
), defaults (owner, acl) AS (
    SELECT d.defaclrole, d.defaclacl
      FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
     WHERE CASE d.defaclnamespace WHEN 0 THEN $1 ELSE n.nspname::text = ANY ($3) END
), own (owner, acl, owned) AS (
    -- What belongs to an extension comes with the extension, but for rights that were granted on it later; and the
    -- database itself keeps the target's owner.
    SELECT chosen.owner,
           CASE WHEN extension.objid IS NULL OR chosen.acl IS DISTINCT FROM initial.initprivs THEN chosen.acl END,
           extension.objid IS NULL AND chosen.class <> 'pg_catalog.pg_database'::regclass
           -- Nor does a plain role of the target give the schema public to whoever made the server (10: BOOTSTRAP_SUPERUSERID).
           AND ($4 OR chosen.owner <> 10 OR chosen.class <> 'pg_catalog.pg_namespace'::regclass
                OR chosen.oid IS DISTINCT FROM pg_catalog.to_regnamespace('public')::oid)
           -- Nor does the owner count of what comes with something else: the constructors of every range type are its own.
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend part
                            WHERE part.classid = chosen.class AND part.objid = chosen.oid AND part.deptype = 'i')
      FROM chosen
      LEFT JOIN pg_catalog.pg_depend extension
             ON extension.classid = chosen.class AND extension.objid = chosen.oid AND extension.objsubid = 0 AND extension.deptype = 'e'
      LEFT JOIN pg_catalog.pg_init_privs initial
             ON initial.classoid = chosen.class AND initial.objoid = chosen.oid AND initial.objsubid = 0
), used (role, owner, altered, named, granted, mapped) AS (
    SELECT owner, true, false, false, false, false FROM own WHERE owned
    UNION ALL
    SELECT right_.role, false, false, false, true, false
      FROM (SELECT owner, acl FROM own UNION ALL SELECT owner, acl FROM defaults) AS object
     CROSS JOIN LATERAL pg_catalog.aclexplode(object.acl) AS given
     CROSS JOIN LATERAL (VALUES (given.grantee), (given.grantor)) AS right_ (role)
     WHERE right_.role <> object.owner
    UNION ALL
    SELECT owner, false, true, false, false, false FROM defaults
    UNION ALL
    SELECT role, false, false, true, false, false
      FROM pg_catalog.unnest($2::oid[]) AS relation
      JOIN pg_catalog.pg_policy p ON p.polrelid = relation
     CROSS JOIN LATERAL pg_catalog.unnest(p.polroles) AS role
    UNION ALL
    SELECT umuser, false, false, false, false, true FROM pg_catalog.pg_user_mappings WHERE $1
    UNION ALL
    -- Rights on what initdb made.
    SELECT d.refobjid, false, false, false, true, false
      FROM pg_catalog.pg_shdepend d
     WHERE $1 AND d.refclassid = 'pg_catalog.pg_authid'::regclass AND d.deptype = 'a' AND d.objid < 16384
       AND d.classid <> 'pg_catalog.pg_largeobject'::regclass
       AND d.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
)
SELECT r.rolname::text AS role,
       bool_or(used.owner) AS owner, bool_or(used.altered) AS altered, bool_or(used.named) AS named, bool_or(used.granted) AS granted,
       bool_or(used.mapped) AS mapped
  FROM used
  JOIN pg_catalog.pg_roles r ON r.oid = used.role
 WHERE r.rolname !~ '^pg_'
 GROUP BY r.rolname
 ORDER BY r.rolname
