DELETE FROM fdwcopy_state.chunk WHERE name = {name}
