SELECT avg(width)::float8 AS average, max(width)::int8 AS largest
  FROM (SELECT octet_length((fdwcopy_row.*)::text) AS width
          FROM ONLY {table} AS fdwcopy_row TABLESAMPLE SYSTEM ({percent}) LIMIT 50) AS sample
