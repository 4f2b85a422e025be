DO $fdwcopy$
BEGIN
    EXECUTE pg_catalog.format('CREATE USER MAPPING FOR CURRENT_USER SERVER %I OPTIONS (%s)',
        pg_catalog.current_setting('fdwcopy.server'),
        pg_catalog.concat_ws(', ',
            pg_catalog.format('user %L', pg_catalog.current_setting('fdwcopy.user')),
            'password ' || pg_catalog.quote_literal(nullif(pg_catalog.current_setting('fdwcopy.password'), ''))));
    PERFORM pg_catalog.set_config('fdwcopy.password', '', true);
EXCEPTION WHEN OTHERS OR query_canceled THEN
    -- Raised anew: the context of the first error would hold the statement with its password.
    RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = SQLERRM;
END
$fdwcopy$
