SELECT pg_catalog.pg_advisory_lock(pg_catalog.hashtextextended({name}, 0))
