SELECT id, name, definition, made FROM fdwcopy_state.entry WHERE id > 0
