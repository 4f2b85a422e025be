ALTER FOREIGN TABLE pg_temp.{local} ADD COLUMN {tableoid} pg_catalog.oid OPTIONS (column_name 'tableoid')
