CREATE FOREIGN TABLE pg_temp.fdwcopy_large_object (oid pg_catalog.oid) SERVER {server}
    OPTIONS (schema_name 'pg_catalog', table_name 'pg_largeobject_metadata', fetch_size '10000');
CREATE FOREIGN TABLE pg_temp.fdwcopy_large_object_page (loid pg_catalog.oid, pageno pg_catalog.int4, data pg_catalog.bytea) SERVER {server}
    OPTIONS (schema_name 'pg_catalog', table_name 'pg_largeobject', fetch_size '100')
