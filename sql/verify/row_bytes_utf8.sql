pg_catalog.encode(pg_catalog.convert_to(ROW({columns})::text, 'UTF8'), 'hex')
