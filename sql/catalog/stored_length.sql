coalesce(pg_catalog.pg_column_size({column}), 0)::int8
