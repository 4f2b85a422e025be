SELECT EXISTS (SELECT FROM fdwcopy_state.entry WHERE id = 0) AS listed
