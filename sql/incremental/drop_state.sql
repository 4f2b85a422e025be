DROP TABLE fdwcopy_state.watermark, fdwcopy_state.mark;
DO $close$
BEGIN
    -- An unfinished run may keep its ledger there.
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = 'fdwcopy_state'::regnamespace) THEN
        DROP SCHEMA fdwcopy_state;
    END IF;
END
$close$
