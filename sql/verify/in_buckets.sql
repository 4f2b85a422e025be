({place} & {mask}) = ANY (ARRAY[{buckets}]::int8[])
