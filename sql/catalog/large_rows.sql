SELECT place, page, line, key, text_bytes, binary_bytes
  FROM (SELECT ctid::text AS place, (ctid::text::point)[0]::int8 AS page, (ctid::text::point)[1]::int8 AS line, {key} AS key,
               {text_bytes} AS text_bytes, {binary_bytes} AS binary_bytes
          FROM ONLY {table} OFFSET 0) AS row
 WHERE text_bytes > {limit}::int8
 ORDER BY page, line
