SELECT (SELECT pg_catalog.has_foreign_data_wrapper_privilege(oid, 'USAGE')
          FROM pg_catalog.pg_foreign_data_wrapper WHERE fdwname = 'postgres_fdw') AS usable,
       -- CREATE EXTENSION of these takes a superuser.
       array(SELECT DISTINCT v.name::text FROM pg_catalog.pg_available_extension_versions v
              WHERE v.name::text = ANY ($1) AND v.superuser AND NOT v.trusted) AS untrusted
