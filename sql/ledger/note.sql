INSERT INTO fdwcopy_state.entry (id, name, definition, undo_order, undo, made)
SELECT least(min(id), 0) - 1, {name}, '', least(min(undo_order), 0) - 1, nullif({undo}, ''), true FROM fdwcopy_state.entry
