INSERT INTO fdwcopy_state.aside (place, class, object, kind, type, identity, schema, name, aside, enabled, rows)
{moved};
DO $fdwcopy$
DECLARE
    item record;
BEGIN
    PERFORM pg_catalog.set_config('lock_timeout', {patience}, true);
    FOR item IN SELECT DISTINCT aside FROM fdwcopy_state.aside WHERE schema IS NOT NULL LOOP
        EXECUTE pg_catalog.format('CREATE SCHEMA %I', item.aside);
        EXECUTE pg_catalog.format('COMMENT ON SCHEMA %I IS %L', item.aside, 'objects that a run of fdwcopy replaces');
    END LOOP;
    FOR item IN SELECT * FROM fdwcopy_state.aside WHERE kind IS NOT NULL ORDER BY place LOOP
        -- What fires on definitions would fire on ours.
        IF item.enabled IS NOT NULL THEN
            EXECUTE pg_catalog.format('ALTER EVENT TRIGGER %s DISABLE', item.name);
        END IF;
        EXECUTE pg_catalog.format(CASE WHEN item.schema IS NULL THEN 'ALTER %s %s RENAME TO %I' ELSE 'ALTER %s %s SET SCHEMA %I' END,
            item.kind, (SELECT identity FROM pg_catalog.pg_identify_object(item.class, item.object, 0)), item.aside);
    END LOOP;
    FOR item IN {obstacles} LOOP
        RAISE EXCEPTION '% cannot be replaced because of %', item.object, item.other USING ERRCODE = 'dependent_objects_still_exist';
    END LOOP;
END
$fdwcopy$
