SELECT a.application_name::text || ', since ' || a.backend_start::timestamptz(0) AS claimant
  FROM pg_catalog.pg_locks l
  JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
 WHERE l.locktype = 'advisory' AND l.classid = {class} AND l.objid = 0 AND l.objsubid = 2 AND l.granted
   AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
