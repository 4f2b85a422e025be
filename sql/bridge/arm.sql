CREATE FOREIGN TABLE pg_temp.{server} (datname name) SERVER {server} OPTIONS (schema_name 'pg_catalog', table_name 'pg_database');
SELECT datname FROM pg_temp.{server} WHERE pg_catalog.pg_backend_pid() < 0
