SELECT least(pg_catalog.current_setting('max_parallel_workers')::int4,
             pg_catalog.current_setting('max_worker_processes')::int4) > 0 AS parallel
