SELECT clock_timestamp()::text AS asked,
       least(clock_timestamp(), min(a.xact_start) FILTER (WHERE a.datname = current_database()
             AND coalesce(a.backend_type, '') NOT IN ('autovacuum worker', 'autovacuum launcher', 'walsender')))::text AS oldest,
       coalesce(bool_or(a.datname = current_database() AND a.query = '<insufficient privilege>'), false)
           OR pg_catalog.pg_is_in_recovery() AS hidden,
       EXISTS (SELECT FROM pg_catalog.pg_prepared_xacts p WHERE p.database = current_database()) AS prepared
  FROM pg_catalog.pg_stat_activity a
 WHERE a.pid <> pg_catalog.pg_backend_pid() AND NOT a.application_name LIKE {own}
