ARRAY[pg_catalog.left(ROW({columns})::text, 200)]
