SELECT r.rolsuper OR r.rolcreaterole AS may_create,
       r.rolsuper OR (r.rolcreaterole AND r.rolbypassrls AND pg_catalog.current_setting('server_version_num')::int4 >= 160000) AS may_bypass,
       pg_catalog.has_database_privilege('public', current_database(), 'CONNECT')
         OR pg_catalog.has_database_privilege(current_database(), 'CONNECT WITH GRANT OPTION') AS may_connect,
       array(SELECT DISTINCT n.nspname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              WHERE c.oid = ANY ($1) AND NOT pg_catalog.has_schema_privilege('public', n.oid, 'USAGE')
                AND NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE WITH GRANT OPTION') ORDER BY 1) AS closed_schemas,
       array(SELECT c.oid FROM pg_catalog.pg_class c
              WHERE c.oid = ANY ($1) AND NOT pg_catalog.has_table_privilege('public', c.oid, 'SELECT')
                AND NOT pg_catalog.has_table_privilege(c.oid, 'SELECT WITH GRANT OPTION')) AS closed_tables,
       array(SELECT c.oid FROM pg_catalog.pg_class c WHERE c.oid = ANY ($1) AND c.relrowsecurity) AS guarded_tables
  FROM pg_catalog.pg_roles r
 WHERE r.rolname = current_user
