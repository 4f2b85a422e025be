fdwcopy_row::text
