SELECT EXISTS (SELECT FROM fdwcopy_state.witness) AS present
