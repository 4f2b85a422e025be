UPDATE fdwcopy_state.entry SET made = true WHERE id IN ({ids})
