SELECT object.oid, coalesce(max(page.number * {page} + page.length), 0)::pg_catalog.int8 AS size, {checksum} AS checksum
  FROM (SELECT oid FROM pg_catalog.pg_largeobject_metadata WHERE {range}) AS object
  LEFT JOIN (SELECT loid, pageno::pg_catalog.int8 AS number, octet_length(data) AS length, {whole_page} AS data
               FROM pg_catalog.pg_largeobject) AS page ON page.loid = object.oid
 GROUP BY object.oid
