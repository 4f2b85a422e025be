SELECT pg_catalog.ceil(pg_catalog.min({column})) FROM {table}{within}
