SELECT array(SELECT oid FROM pg_catalog.pg_largeobject_metadata ORDER BY oid) AS oids,
       pg_catalog.pg_relation_size('pg_catalog.pg_largeobject') AS bytes,
       -- LOBLKSIZE of large_object.h
       pg_catalog.current_setting('block_size')::pg_catalog.int8 / 4 AS page,
       pg_catalog.has_table_privilege('pg_catalog.pg_largeobject', 'SELECT') AS pages_readable,
       array(SELECT m.oid
               FROM pg_catalog.pg_largeobject_metadata m
              WHERE pg_catalog.current_setting('lo_compat_privileges') = 'off'
                AND NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
                AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(coalesce(m.lomacl, pg_catalog.acldefault('L', m.lomowner))) AS acl
                                 WHERE acl.privilege_type = 'SELECT'
                                   AND CASE WHEN acl.grantee = 0 THEN true ELSE pg_catalog.pg_has_role(acl.grantee, 'USAGE') END)
              ORDER BY m.oid) AS unreadable
