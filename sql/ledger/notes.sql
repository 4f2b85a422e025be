SELECT name FROM fdwcopy_state.entry WHERE id < 0
