SELECT current_setting('max_locks_per_transaction')::int8
           * (current_setting('max_connections')::int8 + current_setting('max_prepared_transactions')::int8
              + current_setting('max_worker_processes')::int8 + current_setting('max_wal_senders')::int8
              + current_setting('autovacuum_max_workers')::int8 + 1) AS locks,
       current_setting('max_connections')::int8 - current_setting('superuser_reserved_connections')::int8
           - (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend') AS sessions
