SELECT count(*) AS indexes
  FROM pg_catalog.unnest($1::oid[]) AS relation
  JOIN pg_catalog.pg_index i ON i.indrelid = relation
