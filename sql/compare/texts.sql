pg_catalog.hashtextextended(ROW({entries})::pg_catalog.text, 0)
