SELECT CASE WHEN b.pid = 0 THEN 'a prepared transaction'
            ELSE pg_catalog.concat_ws(', ', 'session ' || b.pid, nullif(a.backend_type, 'client backend'),
                                      nullif(a.application_name, ''), a.state) END AS blocker,
       extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS seconds
  FROM pg_catalog.pg_locks w
 CROSS JOIN LATERAL pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) AS b (pid)
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid
 WHERE w.locktype = 'relation' AND NOT w.granted AND w.mode = 'ShareLock' AND w.relation = $1
   AND w.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())
 ORDER BY a.xact_start
 LIMIT 1
