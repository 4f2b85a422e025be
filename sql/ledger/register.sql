INSERT INTO fdwcopy_state.entry (id, name, definition, undo_order, undo)
SELECT id, name, definition, coalesce(undo_order, 0), undo
  FROM ROWS FROM (pg_catalog.unnest($1::int4[]), pg_catalog.unnest($2::text[]), pg_catalog.unnest($3::text[]),
                  pg_catalog.unnest($4::int4[]), pg_catalog.unnest($5::text[]))
    AS entry (id, name, definition, undo_order, undo)
