SELECT pg_catalog.pg_xact_status('{transaction}'::pg_catalog.xid8) AS status
