SELECT pg_catalog.max({column})::text AS mark FROM pg_temp.{local}{condition}
