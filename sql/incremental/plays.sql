SELECT pg_catalog.current_setting('session_replication_role') AS role
