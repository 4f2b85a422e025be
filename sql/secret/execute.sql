DO $fdwcopy$
DECLARE
    -- What would still write a nested statement's text down; all but the debug ones only a superuser can switch off.
    quiet CONSTANT text[] := '{{
        {{debug_print_parse, off}}, {{debug_print_rewritten, off}}, {{debug_print_plan, off}},
        {{log_error_verbosity, terse}}, {{log_parser_stats, off}},
        {{pg_stat_statements.track, none}}, {{pgaudit.log, none}} }}';
    may_set CONSTANT integer := CASE WHEN pg_catalog.current_setting('is_superuser') = 'on' THEN 7 ELSE 3 END;
    secret text;
BEGIN
    FOR i IN 1..may_set LOOP
        PERFORM pg_catalog.set_config(quiet[i][1], quiet[i][2], true);
    END LOOP;
    SELECT statement INTO STRICT secret FROM pg_temp.fdwcopy_secret;
    DROP TABLE pg_temp.fdwcopy_secret;
    EXECUTE secret;
    FOR i IN 1..may_set LOOP
        PERFORM pg_catalog.set_config(quiet[i][1], NULL, true);
    END LOOP;
EXCEPTION WHEN OTHERS OR query_canceled THEN
    -- Raised anew: the context of the first error would hold the statement.
    RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = SQLERRM;
END
$fdwcopy$
