SELECT name AS type FROM pg_catalog.unnest($1::text[]) AS name WHERE pg_catalog.to_regtype(name) IS NULL
