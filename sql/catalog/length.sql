coalesce(pg_catalog.octet_length({column}), 0)::int8
