pg_catalog.hashtextextended(pg_catalog.encode(pg_catalog.convert_to(ROW({entries})::pg_catalog.text, 'UTF8'), 'hex'), 0)
