ROW({columns})::pg_catalog.text COLLATE "C"
