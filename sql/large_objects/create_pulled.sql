INSERT INTO fdwcopy_state.large_object (oid)
SELECT pg_catalog.lo_create(oid) FROM pg_temp.fdwcopy_large_object WHERE oid BETWEEN {first} AND {last}
