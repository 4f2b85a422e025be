SET row_security = off;
SET default_transaction_read_only = on;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '32MB'
