SELECT name::text AS name FROM pg_catalog.pg_available_extensions WHERE name::text = ANY ($1)
