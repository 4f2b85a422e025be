pg_catalog.convert_to(ROW({columns})::pg_catalog.text, 'UTF8')
