SELECT count(pg_catalog.lo_put(loid, pageno::pg_catalog.int8 * {page} - 1, '\000'))
  FROM pg_temp.fdwcopy_large_object_page
 WHERE loid BETWEEN {first} AND {last} AND pageno > 0 AND octet_length(data) = 0
