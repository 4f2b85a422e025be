CAST({column} AS pg_catalog.{type_name})
