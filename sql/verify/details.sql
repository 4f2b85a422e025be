SELECT {label} AS label, ARRAY[{hashes}]::int8[] AS hashes, ARRAY[{values}]::text[] AS values FROM {from}
