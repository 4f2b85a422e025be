SELECT oid, size, pg_catalog.lo_close(opened) AS closed
  FROM (SELECT oid, opened, pg_catalog.lo_lseek64(opened, 0, 2) AS size
          -- 262144 is INV_READ. OFFSET keeps one step after the other.
          FROM (SELECT oid, pg_catalog.lo_open(oid, 262144) AS opened
                  FROM {objects} AS object WHERE {range} OFFSET 0) AS object
        OFFSET 0) AS object
