pg_catalog.hash_record_extended(ROW({entries}), 0)
