SELECT {number}::int8 AS number, count(*) AS rows, NULL::text AS checksum FROM {from}
