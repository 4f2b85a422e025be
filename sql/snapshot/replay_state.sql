SELECT pg_catalog.pg_get_wal_replay_pause_state() AS state, pg_catalog.pg_last_wal_replay_lsn()::text AS position
