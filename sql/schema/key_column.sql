coalesce(pg_catalog.left(referencing.{column}::pg_catalog.text, 100), 'null')
