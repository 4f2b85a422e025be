UPDATE fdwcopy_state.run SET id = {id}
