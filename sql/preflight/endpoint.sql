SELECT pg_catalog.pg_backend_pid() AS process, pg_catalog.pg_postmaster_start_time()::text AS started,
       pg_catalog.current_setting('row_security') = 'off' AS obeys,
       pg_catalog.current_setting('transaction_read_only') = 'on' AS read_only,
       pg_catalog.pg_is_in_recovery() AS standby
