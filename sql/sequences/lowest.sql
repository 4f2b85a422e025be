SELECT pg_catalog.min({column}) FROM {table}{within}
