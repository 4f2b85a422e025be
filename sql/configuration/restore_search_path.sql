DO $fdwcopy$
BEGIN
    IF ({query}) <> {before} THEN
        EXECUTE pg_catalog.format('ALTER DATABASE %I ', pg_catalog.current_database()) || {change};
    END IF;
END
$fdwcopy$
