coalesce(sum(pg_catalog.hashtextextended(page.number::pg_catalog.text || ':' || pg_catalog.encode(page.data, 'hex') COLLATE pg_catalog."C", 0))
             -- A page of zeros is the same as none.
             FILTER (WHERE octet_length(pg_catalog.btrim(page.data, pg_catalog.decode('00', 'hex'))) > 0), 0)::pg_catalog.text
