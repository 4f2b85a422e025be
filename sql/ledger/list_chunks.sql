INSERT INTO fdwcopy_state.chunk (relation, name, filenode, part, parts, first_page, end_page, bytes)
SELECT * FROM ROWS FROM (pg_catalog.unnest($1::oid[]), pg_catalog.unnest($2::text[]), pg_catalog.unnest($3::oid[]),
                         pg_catalog.unnest($4::int4[]), pg_catalog.unnest($5::int4[]), pg_catalog.unnest($6::int8[]),
                         pg_catalog.unnest($7::int8[]), pg_catalog.unnest($8::int8[]))
