SELECT {number}::int8 AS number, count(*) AS rows,
       coalesce(sum(hashtextextended(fdwcopy_row::text, 0)), 0)::text || ':' ||
       coalesce(sum(hashtextextended(fdwcopy_row::text, 8675309)), 0)::text AS checksum
  FROM ONLY {table} AS fdwcopy_row
