SELECT count(*) AS rows,
       coalesce(sum(xmin::text::int8) FILTER (WHERE pg_catalog.age(xmin) BETWEEN 0 AND pg_catalog.age('{horizon}'::pg_catalog.xid)), 0)::text AS writers
  FROM {from}
