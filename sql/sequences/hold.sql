SELECT pg_catalog.pg_sequence_last_value({name}::pg_catalog.regclass)
