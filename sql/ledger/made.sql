SELECT name FROM (
    SELECT name, undo_order FROM fdwcopy_state.entry WHERE made AND undo IS NOT NULL
    UNION ALL
    SELECT count(*) || ' large objects', NULL FROM fdwcopy_state.large_object HAVING count(*) > 0
) AS objects ORDER BY undo_order
