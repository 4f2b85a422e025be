SELECT pg_catalog.has_database_privilege(current_database(), 'CREATE') AS may_create,
       pg_catalog.has_database_privilege(current_database(), 'TEMPORARY') AS may_use_temporary,
       array(SELECT n.nspname::text FROM pg_catalog.pg_namespace n
              WHERE n.nspname::text = ANY ($1) AND NOT pg_catalog.has_schema_privilege(n.oid, 'CREATE')) AS closed_schemas
