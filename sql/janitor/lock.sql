SELECT pg_catalog.pg_advisory_lock({class}, {key})
