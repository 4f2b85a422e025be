SELECT pg_catalog.floor(pg_catalog.max({column})) FROM {table}{within}
