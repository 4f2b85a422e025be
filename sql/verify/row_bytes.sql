(fdwcopy_row.*)::text
