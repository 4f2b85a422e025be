SELECT {number}::int4 AS number, count(*) AS rows, NULL::text AS checksum FROM ONLY {table}
