(SELECT {checksum}
   FROM pg_catalog.generate_series(0, object.size - 1, {piece}) AS start
  CROSS JOIN LATERAL (SELECT pg_catalog.lo_get(object.oid, start, {piece}) AS data OFFSET 0) AS piece
  CROSS JOIN LATERAL (SELECT start / {page} + number AS number, {whole_page} AS data
                        FROM pg_catalog.generate_series(0, (octet_length(piece.data) - 1) / {page}) AS number) AS page)
