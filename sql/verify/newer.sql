count(*) FILTER (WHERE pg_catalog.age(xmin) <= pg_catalog.age('{horizon}'::pg_catalog.xid))
