SELECT DISTINCT a.application_name::text || ' (process ' || a.pid || ', role ' || a.usename || ') has locked ' || l.relation::regclass AS holder
  FROM pg_catalog.pg_locks l
  JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
 WHERE l.relation = ANY ($1) AND l.granted AND l.pid <> pg_catalog.pg_backend_pid()
   AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
 ORDER BY 1
 LIMIT 5
