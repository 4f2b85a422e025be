CREATE FOREIGN TABLE pg_temp.{local} ({columns}) SERVER {server} OPTIONS (schema_name {schema}, table_name {table}, fetch_size '{fetch_size}')
