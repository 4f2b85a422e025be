INSERT INTO fdwcopy_state.large_object (oid) SELECT pg_catalog.lo_create(oid) FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS oid
