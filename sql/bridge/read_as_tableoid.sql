ALTER FOREIGN TABLE pg_temp.{local} ALTER COLUMN {column} TYPE pg_catalog.oid, ALTER COLUMN {column} OPTIONS (SET column_name 'tableoid')
