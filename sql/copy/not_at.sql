ctid <> {place}::pg_catalog.tid
