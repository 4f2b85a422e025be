CREATE FOREIGN TABLE pg_temp.{server} (name text) SERVER {server} OPTIONS (schema_name 'pg_catalog', table_name 'pg_cursors');
SELECT name FROM pg_temp.{server} WHERE pg_catalog.pg_backend_pid() < 0
