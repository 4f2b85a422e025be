SELECT coalesce(pg_catalog.current_setting('pg_stat_statements.track', true) = 'all'
                AND pg_catalog.current_setting('pg_stat_statements.track_utility', true) IS DISTINCT FROM 'off', false) AS statements,
       coalesce(nullif(pg_catalog.current_setting('pgaudit.log', true), 'none'), '') <> '' AS audit,
       pg_catalog.current_setting('log_parser_stats') = 'on' AS parser,
       -- What such a trigger logs has the whole statement as its context.
       array(SELECT evtname::text FROM pg_catalog.pg_event_trigger
              WHERE evtenabled IN ('O', 'A') AND evtevent IN ('ddl_command_start', 'ddl_command_end')
                AND (evttags IS NULL OR 'CREATE USER MAPPING' = ANY (evttags))
                AND pg_catalog.current_setting('log_error_verbosity') <> 'terse'
              ORDER BY 1) AS triggers
