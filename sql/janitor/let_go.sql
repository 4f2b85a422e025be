SELECT pg_catalog.pg_advisory_lock({dismissed}, {key});
SELECT pg_catalog.pg_advisory_unlock({class}, {key})
