SELECT d.oid || '/' || d.datname AS identity FROM pg_catalog.pg_database d WHERE d.datname = current_database()
