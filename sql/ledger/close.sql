DROP TABLE fdwcopy_state.run, fdwcopy_state.entry, fdwcopy_state.chunk, fdwcopy_state.large_object, fdwcopy_state.aside,
    fdwcopy_state.witness;
DO $close$
BEGIN
    -- Copies may keep their watermarks there.
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = 'fdwcopy_state'::regnamespace) THEN
        DROP SCHEMA fdwcopy_state;
    END IF;
END
$close$;
