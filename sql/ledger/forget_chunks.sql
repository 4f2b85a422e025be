UPDATE fdwcopy_state.chunk SET rows = NULL, horizon = NULL WHERE relation = {relation}
