DELETE FROM fdwcopy_state.mark WHERE relation = {relation}
