UPDATE fdwcopy_state.run SET resumable = false
