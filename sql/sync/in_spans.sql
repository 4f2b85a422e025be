pg_catalog.width_bucket({key}::int8, ARRAY[{bounds}]::int8[]) % 2 = 1
