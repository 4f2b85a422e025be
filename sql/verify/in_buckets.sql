({number}) = ANY (ARRAY[{buckets}]::int8[])
