pg_catalog.int8send(pg_catalog.hashtextextended(ROW({column})::pg_catalog.text, 0))
