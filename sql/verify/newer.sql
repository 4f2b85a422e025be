count(*) FILTER (WHERE pg_catalog.age(xmin) BETWEEN 0 AND pg_catalog.age('{horizon}'::pg_catalog.xid))
