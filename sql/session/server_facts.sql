SELECT current_setting('server_version_num')::int4 AS version,
       (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) AS superuser
