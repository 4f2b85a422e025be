SELECT clock_timestamp()::text AS taken
