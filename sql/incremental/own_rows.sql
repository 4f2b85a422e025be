{tableoid} = {oid}::pg_catalog.oid
