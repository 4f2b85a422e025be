DO $fdwcopy$
DECLARE
    there text := pg_catalog.current_setting('fdwcopy.default_privileges');
BEGIN
    IF there <> '' THEN
        EXECUTE there;
    END IF;
END
$fdwcopy$
