INSERT INTO fdwcopy_state.entry (id, name, definition, undo_order, undo, made)
VALUES (0, 'EXTENSION postgres_fdw', '', 2000000000, 'DROP EXTENSION IF EXISTS postgres_fdw', true)
ON CONFLICT (id) DO UPDATE SET made = true
