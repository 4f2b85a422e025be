{tableoid} pg_catalog.oid OPTIONS (column_name 'tableoid')
