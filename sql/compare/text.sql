CAST({column} AS pg_catalog.text) COLLATE "C"
