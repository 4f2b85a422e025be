DO $fdwcopy$
DECLARE
    role CONSTANT text := {role};
    item record;
    -- What PUBLIC may read already needs no grant, and leaves no trace of one.
    closed CONSTANT text := 'SELECT n.oid AS schema, n.nspname, c.oid AS table, c.relname
          FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.oid = ANY (ARRAY[{tables}]::pg_catalog.oid[])';
BEGIN
    FOR item IN EXECUTE 'SELECT DISTINCT nspname FROM (' || closed || ') t WHERE NOT pg_catalog.has_schema_privilege($1, schema, ''USAGE'')' USING role LOOP
        EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA %I TO %I', item.nspname, role);
    END LOOP;
    FOR item IN EXECUTE 'SELECT * FROM (' || closed || ') t WHERE NOT pg_catalog.has_table_privilege($1, "table", ''SELECT'')' USING role LOOP
        EXECUTE pg_catalog.format('GRANT SELECT ON TABLE %I.%I TO %I', item.nspname, item.relname, role);
    END LOOP;
    -- A GRANT by somebody who may grant nothing is only a warning of the server.
    FOR item IN EXECUTE 'SELECT * FROM (' || closed || ') t WHERE NOT pg_catalog.has_table_privilege($1, "table", ''SELECT'')
                            OR NOT pg_catalog.has_schema_privilege($1, schema, ''USAGE'')' USING role LOOP
        RAISE insufficient_privilege USING MESSAGE = pg_catalog.format('SELECT on %I.%I could not be granted', item.nspname, item.relname);
    END LOOP;
END
$fdwcopy$
