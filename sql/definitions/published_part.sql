coalesce(' (' || (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attname)
                    FROM pg_catalog.pg_attribute a
                   WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::int2[])) || ')', '')
|| coalesce(' WHERE ' || pg_catalog.pg_get_expr(r.prqual, r.prrelid), '')
