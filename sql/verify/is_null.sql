pg_catalog.num_nulls({column}) = 1
