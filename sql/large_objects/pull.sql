SELECT count(pg_catalog.lo_put(loid, pageno::pg_catalog.int8 * {page}, data)) AS pages,
       coalesce(sum(octet_length(data)), 0)::pg_catalog.int8 AS bytes
  FROM pg_temp.fdwcopy_large_object_page
 WHERE loid BETWEEN {first} AND {last} AND octet_length(data) > 0
