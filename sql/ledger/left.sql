SELECT name, coalesce(failure, 'it was not tried') AS failure FROM fdwcopy_state.entry WHERE made AND undo IS NOT NULL ORDER BY undo_order
