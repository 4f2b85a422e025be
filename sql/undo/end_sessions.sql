SELECT pg_catalog.pg_terminate_backend(pid) AS ended
  FROM pg_catalog.pg_stat_activity
 WHERE application_name LIKE $1 AND pid <> pg_catalog.pg_backend_pid()
