SELECT count(pg_catalog.lo_put(oid, start, data))
  FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.oid[]), pg_catalog.unnest($2::pg_catalog.int8[]),
                  pg_catalog.unnest($3::pg_catalog.bytea[])) AS piece (oid, start, data)
