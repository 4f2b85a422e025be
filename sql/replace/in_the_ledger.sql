SELECT class, object FROM fdwcopy_state.aside
    -- What others put into the schemas that hold them is not ours to drop.
    UNION ALL SELECT 'pg_catalog.pg_namespace'::regclass, n.oid FROM pg_catalog.pg_namespace n
               WHERE n.nspname::text IN (SELECT aside FROM fdwcopy_state.aside WHERE schema IS NOT NULL)
