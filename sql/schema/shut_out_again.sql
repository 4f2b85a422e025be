DO $fdwcopy$
BEGIN
    IF pg_catalog.to_regnamespace({name}) IS NOT NULL THEN
        REVOKE CREATE ON SCHEMA {schema} FROM {owner};
    END IF;
END
$fdwcopy$
