INSERT INTO fdwcopy_state.entry (id, name, definition, undo_order, undo, made)
SELECT next.id, {name}, {definition}, 2147483647 + next.id, {undo}, true
  FROM (SELECT least(min(id), 0) - 1 AS id FROM fdwcopy_state.entry) AS next
