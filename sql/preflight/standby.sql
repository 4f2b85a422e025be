SELECT pg_catalog.has_function_privilege('pg_catalog.pg_wal_replay_pause()', 'EXECUTE')
       AND pg_catalog.has_function_privilege('pg_catalog.pg_wal_replay_resume()', 'EXECUTE') AS may_pause,
       current_setting('hot_standby_feedback')::bool AS feedback,
       array(SELECT c.oid FROM pg_catalog.pg_class c WHERE c.oid = ANY ($1) AND c.relpersistence = 'u') AS unlogged
