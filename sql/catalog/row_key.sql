pg_catalog.left(ROW({key})::text, 200)
