ctid >= '({page},0)'::pg_catalog.tid
