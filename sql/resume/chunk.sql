SELECT {number}::int8 AS number, count(*) AS rows, {newer} AS newer FROM ONLY {table}{condition}
