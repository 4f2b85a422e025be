CASE WHEN pg_catalog.num_nulls({column}) = 0 THEN pg_catalog.left(pg_catalog.format('%s', {column}), 60) END
