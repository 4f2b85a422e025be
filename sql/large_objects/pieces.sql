SELECT piece.number,
       -- What is all zeros need not travel.
       CASE WHEN octet_length(pg_catalog.btrim(piece.data, pg_catalog.decode('00', 'hex'))) > 0 THEN piece.data END AS data
  FROM (SELECT number, pg_catalog.lo_get(oid, start, length) AS data
          FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.oid[]), pg_catalog.unnest($2::pg_catalog.int8[]),
                          pg_catalog.unnest($3::pg_catalog.int4[])) WITH ORDINALITY AS wanted (oid, start, length, number)
        OFFSET 0) AS piece
