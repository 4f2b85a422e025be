pg_catalog.sha256(pg_catalog.convert_to(ROW({column})::pg_catalog.text, 'UTF8'))
