SELECT DISTINCT t.spcname::text AS name
  FROM pg_catalog.unnest($1::oid[]) AS relation
  LEFT JOIN pg_catalog.pg_index i ON i.indrelid = relation
  JOIN pg_catalog.pg_class c ON c.oid IN (relation, i.indexrelid)
  JOIN pg_catalog.pg_tablespace t ON t.oid = c.reltablespace
 ORDER BY 1
