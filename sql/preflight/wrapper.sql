SELECT (SELECT pg_catalog.has_foreign_data_wrapper_privilege(oid, 'USAGE')
          FROM pg_catalog.pg_foreign_data_wrapper WHERE fdwname = 'postgres_fdw') AS usable
