SAVEPOINT fdwcopy_aside;
DO $fdwcopy$
DECLARE
    item record;
    before text := pg_catalog.current_setting('lock_timeout');
BEGIN
    PERFORM pg_catalog.set_config('lock_timeout', {patience}, true);
    -- Nobody can come to depend on them between the look and the drop.
    FOR item IN SELECT c.oid::regclass AS name FROM fdwcopy_state.aside
                  JOIN pg_catalog.pg_class c ON aside.class = 'pg_catalog.pg_class'::regclass AND c.oid = aside.object AND c.relkind IN ('r', 'p', 'v')
                 ORDER BY c.oid LOOP
        EXECUTE pg_catalog.format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', item.name);
    END LOOP;
    FOR item IN {obstacles} LOOP
        RAISE EXCEPTION '% cannot be dropped because of %', item.object, item.other USING ERRCODE = 'dependent_objects_still_exist';
    END LOOP;
    FOR item IN SELECT pg_catalog.string_agg(DISTINCT pg_catalog.quote_ident(aside), ', ') AS schemas FROM fdwcopy_state.aside WHERE schema IS NOT NULL LOOP
        CONTINUE WHEN item.schemas IS NULL;
        EXECUTE pg_catalog.format('DROP SCHEMA %s CASCADE', item.schemas);
    END LOOP;
    FOR item IN SELECT kind, aside FROM fdwcopy_state.aside WHERE schema IS NULL AND kind IS NOT NULL LOOP
        EXECUTE pg_catalog.format('DROP %s IF EXISTS %I CASCADE', item.kind, item.aside);
    END LOOP;
    PERFORM pg_catalog.set_config('lock_timeout', before, true);
END
$fdwcopy$;
RELEASE SAVEPOINT fdwcopy_aside
