SELECT relation, name, filenode, part, parts, first_page, end_page, bytes, rows, horizon FROM fdwcopy_state.chunk
