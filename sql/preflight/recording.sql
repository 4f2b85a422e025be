SELECT coalesce(pg_catalog.current_setting('pg_stat_statements.track', true) = 'all'
                AND pg_catalog.current_setting('pg_stat_statements.track_utility', true) IS DISTINCT FROM 'off', false) AS statements,
       coalesce(nullif(pg_catalog.current_setting('pgaudit.log', true), 'none'), '') <> '' AS audit,
       pg_catalog.current_setting('log_parser_stats') = 'on' AS parser
