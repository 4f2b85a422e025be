SELECT pg_catalog.pg_try_advisory_lock({class}, 0) AS claimed
