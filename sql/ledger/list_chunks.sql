INSERT INTO fdwcopy_state.chunk (relation, filenode, part, parts, first_page, end_page, bytes)
SELECT * FROM ROWS FROM (pg_catalog.unnest($1::oid[]), pg_catalog.unnest($2::oid[]), pg_catalog.unnest($3::int4[]),
                         pg_catalog.unnest($4::int4[]), pg_catalog.unnest($5::int8[]), pg_catalog.unnest($6::int8[]),
                         pg_catalog.unnest($7::int8[]))
