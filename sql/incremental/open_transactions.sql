SELECT pg_catalog.to_char(moment.asked AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00' AS asked,
       pg_catalog.to_char(least(moment.asked, open.oldest) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00' AS oldest,
       open.hidden OR pg_catalog.pg_is_in_recovery() AS hidden
       -- Before anything is looked at. A standby shows no more than what it has replayed.
  FROM (SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_xact_replay_timestamp()
                    ELSE pg_catalog.statement_timestamp() END AS asked) AS moment
 CROSS JOIN (
       -- The transactions of one message all begin when that has come.
       SELECT min(least(a.xact_start, CASE WHEN a.state IN ('active', 'fastpath function call') THEN a.query_start END))
                  FILTER (WHERE coalesce(a.backend_type, '') NOT IN ('autovacuum worker', 'autovacuum launcher', 'walsender')) AS oldest,
              coalesce(bool_or(a.query = '<insufficient privilege>' OR a.state = 'disabled'), false) AS hidden
         FROM pg_catalog.pg_stat_activity a
        WHERE a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid()
          AND NOT coalesce(a.application_name, '') LIKE {own}) AS open
