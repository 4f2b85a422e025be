SELECT pg_catalog.max({column}) FROM {table}{within}
