SELECT current_setting('max_locks_per_transaction')::int8
           * (current_setting('max_connections')::int8 + current_setting('max_prepared_transactions')::int8
              + current_setting('max_worker_processes')::int8 + current_setting('max_wal_senders')::int8
              + current_setting('autovacuum_max_workers')::int8 + 1) AS locks,
       LEAST(current_setting('max_connections')::int8 - current_setting('superuser_reserved_connections')::int8
                 - COALESCE(current_setting('reserved_connections', true)::int8, 0) - others.anywhere,
             -- The limits of a role and of a database do not hold for superusers.
             CASE WHEN role.rolconnlimit >= 0 AND NOT role.rolsuper THEN role.rolconnlimit - others.of_role END,
             CASE WHEN db.datconnlimit >= 0 AND NOT role.rolsuper THEN db.datconnlimit - others.of_database END) AS sessions
  FROM pg_catalog.pg_roles AS role, pg_catalog.pg_database AS db,
       (SELECT count(*) AS anywhere,
               count(*) FILTER (WHERE usename = current_user) AS of_role,
               count(*) FILTER (WHERE datname = current_database()) AS of_database
          FROM pg_catalog.pg_stat_activity
         WHERE backend_type = 'client backend'
               -- The second word of our sessions' names is the run's id; they are in what a clone takes.
               AND split_part(application_name, ' ', 2) <> split_part(current_setting('application_name'), ' ', 2)) AS others
 WHERE role.rolname = current_user AND db.datname = current_database()
